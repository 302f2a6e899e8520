// What journeys in a real browser share: signing in, counting screens and taps, and looking at each page
// for what keeps people out.

import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const WIDTHS = [320, 1280]
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

export class Failure extends Error {}

export function expect (holds, sentence) {
  if (!holds) throw new Failure(sentence)
}

/**
 * The official radios and checkboxes say with aria-expanded that a choice opens further questions. Their
 * makers tested it with screen readers; the standard's table does not list it for these roles.
 */
function opensMore (rule, html) {
  return rule === 'aria-allowed-attr' && /^<input class="nhsuk-(radios|checkboxes)__input".* aria-expanded=/.test(html)
}

/** One browser over one running program. */
export class Trust {
  constructor (browser, base, pictures, budget) {
    Object.assign(this, { browser, base, pictures, budget, looked: new Map(), took: new Map(), over: [] })
  }

  static async open (base, pictures, budget) {
    mkdirSync(pictures, { recursive: true })
    const browser = await chromium.launch({
      executablePath: process.env.PIPSS_CHROMIUM || '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync']
    })
    return new Trust(browser, base, pictures, budget)
  }

  /** Someone at a phone (320 × 640) or a desk; scripts can be off. */
  async visitor ({ phone = false, scripts = true } = {}) {
    const context = await this.browser.newContext({
      baseURL: this.base,
      javaScriptEnabled: scripts,
      // The page's own policy holds; axe is put in beside it.
      bypassCSP: scripts,
      viewport: phone ? { width: 320, height: 640 } : { width: 1280, height: 900 },
      hasTouch: phone,
      locale: 'en-GB',
      timezoneId: 'Pacific/Auckland'
    })
    const page = await context.newPage()
    return new Visitor(this, context, page, scripts)
  }

  /** Someone of the demonstration, signed in. */
  async person (name, how = {}) {
    const visitor = await this.visitor(how)
    await visitor.signIn(name)
    return visitor
  }

  /** Moves the demonstration's clock. */
  async moveClock (to) {
    const response = await fetch(`${this.base}/demo/clock`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ to })
    })
    expect(response.ok, `the clock could not be moved to ${to}`)
  }

  /** What a journey took may only fall. */
  budgeted (name, figure) {
    // Dates and names differ from run to run: pages are weighed in steps.
    this.took.set(name, name.startsWith('bytes') ? Math.ceil((figure + 200) / 500) * 500 : figure)
    const most = this.budget[name]
    if (most === undefined) this.over.push(`${name}: ${figure}, and no budget is committed`)
    else if (figure > most) this.over.push(`${name}: ${figure}, and ${most} are allowed`)
  }

  async close () {
    await this.browser.close()
  }
}

export class Visitor {
  constructor (trust, context, page, scripts) {
    Object.assign(this, { trust, context, page, scripts, taps: 0, screens: 0, faults: [] })
    const here = new URL(trust.base).host
    page.on('request', request => {
      const url = new URL(request.url())
      if (url.protocol !== 'data:' && url.host !== here) this.faults.push(`asked ${url.host} for something`)
    })
    page.on('pageerror', error => this.faults.push(`a script failed: ${error.message}`))
    page.on('console', message => {
      const expected = /Failed to load resource: the server responded with a status of 4\d\d/
      if (message.type() === 'error' && !expected.test(message.text())) this.faults.push(message.text())
    })
    page.on('load', () => { this.screens += 1 })
  }

  async signIn (name) {
    await this.page.goto('/sign-in')
    const someone = this.page.getByRole('button', { name, exact: false }).first()
    if (!await someone.isVisible()) await this.page.getByText('Everyone else').click()
    await someone.click()
    await this.page.waitForLoadState()
    this.startCounting()
  }

  startCounting () {
    this.taps = 0
    this.screens = 0
  }

  async go (path) {
    const response = await this.page.goto(path)
    await this.page.waitForLoadState()
    return response
  }

  /** A tap on a link or a button, a choice, or a box by its words. */
  async tap (role, name, options = {}) {
    const found = this.page.getByRole(role, { name, exact: true, ...options })
    await this.tapOn(found.first())
  }

  async tapOn (locator) {
    this.taps += 1
    await locator.click({ timeout: 8000 })
    await this.page.waitForLoadState()
  }

  /** A choice by its words, within a question. */
  async choose (question, answer) {
    const group = this.page.getByRole('group', { name: question })
    await this.tapOn(group.getByLabel(answer, { exact: true }).first())
  }

  /** Text that is typed is not counted as taps. */
  async type (label, text) {
    await this.page.getByLabel(label).first().fill(text)
  }

  async typeDay (question, { day, month, year, time }) {
    const group = this.page.getByRole('group', { name: question })
    await group.getByLabel('Day', { exact: true }).fill(String(day))
    await group.getByLabel('Month', { exact: true }).fill(String(month))
    await group.getByLabel('Year', { exact: true }).fill(String(year))
    if (time) await group.getByLabel('Time', { exact: true }).fill(time)
  }

  async text () {
    return this.page.locator('main').innerText()
  }

  async reads (words) {
    const text = await this.page.locator('body').innerText()
    expect(text.includes(words), `“${words}” is not on ${this.page.url()}:\n${text.slice(0, 1500)}`)
  }

  async doesNotRead (words) {
    const html = await this.page.content()
    expect(!html.includes(words), `“${words}” is on ${this.page.url()}`)
  }

  /** Looks at the page as it stands, at both widths: axe, sideways scrolling, other hosts, its weight. */
  async look (label) {
    const { page, trust } = this
    const before = page.viewportSize()
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 })
      if (this.scripts) {
        const fits = page.waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth, null, { timeout: 5000 })
        await fits.catch(() => expect(false, `${label}: at ${width} px one has to scroll sideways`))
      }
      await page.screenshot({ path: `${trust.pictures}/${label}-${width}.png`, fullPage: true })
      if (this.scripts) await this.axe(`${label} at ${width} px`)
    }
    await page.setViewportSize(before)
    expect((await page.locator('h1').count()) === 1, `${label}: there must be exactly one h1`)
    expect(this.faults.length === 0, `${label}: ${this.faults.join('; ')}`)
    const bytes = Buffer.byteLength(await page.content())
    trust.looked.set(label, bytes)
    trust.budgeted(`bytes of ${label}`, bytes)
  }

  async axe (label) {
    const { page } = this
    await page.evaluate(AXE)
    const found = await page.evaluate(rules => window.axe.run({ runOnly: rules, resultTypes: ['violations'] }), RULES)
    const violations = found.violations.filter(v => !v.nodes.every(node => opensMore(v.id, node.html)))
    const said = violations.map(v => `${v.id}: ${v.help}\n  ${v.nodes.map(n => n.html).slice(0, 4).join('\n  ')}`)
    expect(said.length === 0, `${label}:\n${said.join('\n')}`)
  }

  /** The focus is where the error summary is. */
  async errorIsFocused () {
    await this.isFocused('nhsuk-error-summary')
  }

  async isFocused (what) {
    const focused = await this.page.evaluate(() => document.activeElement.className)
    expect(focused.includes(what), `the focus is on “${focused}”, not on ${what}`)
  }

  async close () {
    await this.context.close()
  }
}

/** Someone of the demonstration at the JSON interface, to bring things to where a journey begins. */
export async function api (trust, name) {
  const json = { 'content-type': 'application/json' }
  const { people } = await (await fetch(`${trust.base}/demo/people`)).json()
  const { person } = people.find(one => one.name === name)
  const token = await (await fetch(`${trust.base}/demo/token`, {
    method: 'POST', headers: json, body: JSON.stringify({ person })
  })).json()
  const headers = { ...json, authorization: `Bearer ${token.access_token}` }
  const ask = async (path, how) => {
    const answer = await fetch(`${trust.base}/api/v1/${path}`, { ...how, headers: { ...headers, ...how.headers } })
    const text = await answer.text()
    expect(answer.ok, `${name}, ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : {}
  }
  const read = path => ask(path, {})
  const give = (path, body, version) => {
    const more = version ? { 'if-match': `"${version}"` } : {}
    return ask(path, {
      method: 'POST', headers: { 'idempotency-key': crypto.randomUUID(), ...more }, body: JSON.stringify(body)
    })
  }
  const toCase = async (id, command, body) => give(`cases/${id}/${command}`, body, (await read(`cases/${id}`)).version)
  return { person, people, read, give, toCase }
}

/** On with the Tab key until what has the focus says this. */
export async function tabTo (page, words) {
  for (let n = 0; n < 120; n++) {
    await page.keyboard.press('Tab')
    const said = await page.evaluate(() => {
      const { activeElement: now } = document
      const label = now.labels && now.labels[0]
      return (label || now).innerText || now.value || ''
    })
    if (said.trim().startsWith(words)) return
  }
  expect(false, `the Tab key does not lead to “${words}”`)
}
