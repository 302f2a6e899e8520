// Asking for support for a team, logging a defusion, the receipt, the poster; and that nothing is lost on the way.

import { expect } from './lib.mjs'

const ROBIN = 'Robin Wren manages Harbour Stroke Ward'
const SAM = 'Sam Heron'
const JO = 'Jo Plover'

/** What most people answer, page by page; each can be looked at on the way. */
async function team (someone, name = 'Harbour Stroke Ward') {
  await someone.choose('Which team is it for?', name)
  await someone.choose('What is it about?', 'Violence or abuse')
  await someone.choose('Which of these is nearest?', 'Physical assault')
  await someone.tap('button', 'Continue')
}

async function details (someone) {
  await someone.choose('When did it happen?', 'Yesterday')
  await someone.choose('Where did it happen?', 'An inpatient ward')
  await someone.tap('button', 'Continue')
}

async function people (someone) {
  await someone.choose('Is everyone safe now?', 'Yes, as far as I know')
  await someone.choose('How many staff were there, or directly affected?', '6 to 10')
  await someone.choose('How many others are affected?', 'I do not know')
  await someone.choose('Was anyone hurt?', 'No')
  await someone.choose('Are people getting worse rather than better?', 'I do not know')
  await someone.tap('button', 'Continue')
}

async function support (someone) {
  await someone.choose('What do you ask for?', 'PETR debrief')
  await someone.choose('Does the team know that you ask?', 'Yes')
  await someone.tap('button', 'Continue')
}

async function toCheck (someone) {
  await someone.go('/ask')
  await team(someone)
  await details(someone)
  await people(someone)
  await support(someone)
  await someone.reads('Check your answers')
}

const reference = async someone => (await someone.text()).match(/PS-[0-9A-Z]{5}-[0-9A-Z]{5}/)[0]

/** How many requests of theirs go on: the first page lists them. */
async function own (someone) {
  await someone.go('/')
  return someone.page.locator('.pipss-own li').count()
}

export const journeys = {
  'a nurse in charge asks for the team in six screens and few taps': async trust => {
    const sam = await trust.person(SAM)
    await sam.look('home of a nurse in charge')
    sam.startCounting()
    await sam.tap('link', 'Ask for support for a team')
    await sam.look('ask: which team')
    await team(sam)
    await sam.look('ask: when and where')
    await details(sam)
    await sam.look('ask: how are people')
    await people(sam)
    await sam.look('ask: what would help')
    await support(sam)
    await sam.look('ask: check')
    await sam.tap('button', 'Send the request')
    await sam.reads('Your request has arrived')
    await sam.look('receipt')
    expect(sam.screens <= 6, `it took ${sam.screens} screens`)
    expect(sam.taps <= 25, `it took ${sam.taps} taps`)
    trust.budgeted('screens to ask for a team', sam.screens)
    trust.budgeted('taps to ask for a team', sam.taps)
    const first = await reference(sam)
    await sam.page.reload()
    expect(await reference(sam) === first, 'reloading changes the receipt')
    await sam.go('/ask')
    await sam.reads('You asked before. Is this the same?')
    await sam.close()
  },

  'every page of the request stands without scripts, on a phone': async trust => {
    const sam = await trust.person(SAM, { scripts: false, phone: true })
    await sam.go('/ask')
    await sam.look('ask without scripts: which team')
    // What is nearest says of itself what kind of thing it is.
    await sam.choose('Which team is it for?', 'Harbour Stroke Ward')
    await sam.page.getByLabel('Homicide', { exact: true }).check()
    await sam.tap('button', 'Continue')
    await details(sam)
    await people(sam)
    await support(sam)
    await sam.look('ask without scripts: check')
    await sam.tap('button', 'Send the request')
    await sam.reads('Your request has arrived')
    await sam.close()
  },

  'what is missing is told at once, and nothing that was typed is lost': async trust => {
    const robin = await trust.person(ROBIN)
    await robin.go('/ask')
    await robin.tap('button', 'Continue')
    await robin.errorIsFocused()
    await robin.look('ask: nothing answered')
    await robin.page.locator('.nhsuk-error-summary a').first().click()
    expect(await robin.page.evaluate(() => document.activeElement.name) === 'team', 'the link leads elsewhere')
    await team(robin)
    await robin.choose('When did it happen?', 'On another day')
    await robin.page.getByLabel('Day', { exact: true }).first().fill('31')
    await robin.page.getByLabel('Month', { exact: true }).first().fill('2')
    await robin.page.getByText('Say more about it').click()
    await robin.type('What happened, in one line', 'Staff were hit on the night shift.')
    await robin.tap('button', 'Continue')
    await robin.errorIsFocused()
    await robin.reads('Give a date that exists')
    await robin.look('ask: a date that does not exist')
    const kept = await robin.page.getByLabel('What happened, in one line').inputValue()
    expect(kept.startsWith('Staff were hit'), 'the line that was typed is gone')
    expect(await robin.page.locator('#incidents-0-day-day').inputValue() === '31', 'the day that was typed is gone')
    await robin.close()
  },

  'a session that ends in the middle loses nothing, and it is sent once': async trust => {
    const jo = await trust.person(JO)
    const before = await own(jo)
    await jo.go('/ask')
    await team(jo, 'Meadow Rehabilitation Ward')
    await jo.choose('When did it happen?', 'Yesterday')
    await jo.choose('Where did it happen?', 'A clinic')
    await jo.context.clearCookies()
    await jo.tap('button', 'Continue')
    await jo.reads('What you wrote is not lost')
    await jo.look('ask: signed out on the way')
    await jo.page.getByRole('button', { name: JO }).click()
    await jo.reads('Your answers are still here')
    await jo.look('ask: still here')
    await jo.tap('button', 'Go on')
    await people(jo)
    await support(jo)
    await jo.reads('A clinic')
    await jo.context.clearCookies()
    await jo.tap('button', 'Send the request')
    await jo.page.getByRole('button', { name: JO }).click()
    await jo.tap('button', 'Send it now')
    await jo.reads('Your request has arrived')
    expect(await own(jo) === before + 1, 'it was not sent once')
    await jo.close()
  },

  'whoever signs in next sees nothing of a draft that is not theirs': async trust => {
    const sam = await trust.person(SAM)
    await sam.go('/ask')
    await team(sam)
    await sam.choose('When did it happen?', 'Today')
    await sam.page.getByText('Say more about it').click()
    await sam.type('What happened, in one line', 'Only for those who should know.')
    await sam.context.clearCookies()
    await sam.tap('button', 'Continue')
    await sam.page.getByRole('button', { name: JO }).click()
    await sam.reads('What would you like to do?')
    await sam.doesNotRead('Only for those who should know')
    await sam.go('/ask')
    await sam.doesNotRead('You began this earlier')
    await sam.go('/ask/details')
    expect(new URL(sam.page.url()).pathname === '/ask', 'a page of the draft opens for someone else')
    await sam.close()
  },

  'a double click opens one case, and both answers lead to it': async trust => {
    const sam = await trust.person(SAM, { scripts: false })
    const before = await own(sam)
    await toCheck(sam)
    const form = sam.page.locator('form[action="/ask/check"]')
    const value = name => form.locator(`[name=${name}]`).inputValue()
    const sent = { form: { csrf: await value('csrf'), draft: await value('draft') }, maxRedirects: 0 }
    const both = await Promise.all([1, 2].map(() => sam.context.request.post('/ask/check', sent)))
    const [one, two] = both.map(response => response.headers().location)
    expect(one === two && one.endsWith('/receipt'), `the answers differ: ${one} and ${two}`)
    await form.getByRole('button').dblclick()
    await sam.page.waitForURL('**/receipt')
    expect(new URL(sam.page.url()).pathname === one, 'a third click opens another case')
    expect(await own(sam) === before + 1, 'there is not one case more')
    await sam.close()
  },

  'what another site sends, or what carries no token, does nothing': async trust => {
    const sam = await trust.person(SAM)
    const before = await own(sam)
    await toCheck(sam)
    const form = sam.page.locator('form[action="/ask/check"]')
    const value = name => form.locator(`[name=${name}]`).inputValue()
    const [csrf, draft] = [await value('csrf'), await value('draft')]
    const cookie = (await sam.context.cookies()).map(one => `${one.name}=${one.value}`).join('; ')
    const send = (body, headers) => fetch(`${trust.base}/ask/check`, {
      method: 'POST', redirect: 'manual', body: new URLSearchParams(body), headers: { cookie, ...headers }
    })
    const foreign = await send({ csrf, draft }, { origin: 'https://elsewhere.example' })
    expect(foreign.status === 400, `another site is answered ${foreign.status}`)
    const crossed = await send({ csrf, draft }, { 'sec-fetch-site': 'cross-site' })
    expect(crossed.status === 400, `another site is answered ${crossed.status}`)
    const without = await send({ draft }, {})
    expect(!(without.headers.get('location') ?? '').includes('/cases/'), 'without a token a case is opened')
    const wrong = await send({ csrf: 'wrong', draft }, {})
    expect(!(wrong.headers.get('location') ?? '').includes('/cases/'), 'with another token a case is opened')
    expect(await own(sam) === before, 'something was opened')
    await sam.close()
  },

  'a draft that cannot be opened any more is refused kindly': async trust => {
    const sam = await trust.person(SAM)
    await sam.go('/ask')
    await team(sam)
    await sam.page.locator('form[action="/ask/details"] [name=draft]').evaluate(field => { field.value = field.value.slice(1) })
    await sam.choose('When did it happen?', 'I do not know')
    await sam.choose('Where did it happen?', 'Online')
    await sam.tap('button', 'Continue')
    await sam.reads('Nothing was sent. Please begin again.')
    await sam.look('ask: too old')
    await sam.close()
  },

  'by keyboard alone one can ask for a team': async trust => {
    const robin = await trust.person(ROBIN)
    const { keyboard } = robin.page
    const at = () => robin.page.evaluate(() => {
      const { name, value, textContent, type } = document.activeElement
      return { name, value, text: (textContent ?? '').trim(), type }
    })
    const tabTo = async (what, found) => {
      for (let n = 0; n < 80; n += 1) {
        await keyboard.press('Tab')
        if (found(await at())) return
      }
      throw new Error(`${what} cannot be reached by keyboard`)
    }
    const choose = async (name, value) => {
      await tabTo(name, now => now.name === name)
      await keyboard.press('Space')
      for (let n = 0; n < 20 && (await at()).value !== value; n += 1) await keyboard.press('ArrowDown')
      expect((await at()).value === value, `${name} cannot be answered ${value}`)
    }
    const press = async text => {
      await tabTo(text, now => now.text === text)
      const here = robin.page.url()
      await keyboard.press('Enter')
      await robin.page.waitForURL(url => url.href !== here)
    }
    await robin.go('/ask')
    await keyboard.press('Tab')
    expect((await at()).text === 'Skip to main content', 'the first stop does not skip to the content')
    await tabTo('team', now => now.name === 'team')
    await keyboard.press('Space')
    await choose('incidents.0.group', 'DTH')
    await choose('incidents.0.group_DTH', 'colleague_death')
    await press('Continue')
    await choose('incidents.0.when', 'undated')
    await choose('incidents.0.place', 'public_place')
    await press('Continue')
    await choose('safe', 'yes')
    await choose('affected.directly', 'over_20')
    await choose('affected.indirectly', 'unknown')
    await choose('injuries', 'no')
    await choose('signs_worsening', 'no')
    await press('Continue')
    await tabTo('asked_for', now => now.value === 'petr_debrief')
    await keyboard.press('Space')
    await choose('team_aware', 'no')
    await press('Continue')
    await robin.reads('Death of a colleague')
    await press('Send the request')
    await robin.page.waitForURL('**/receipt')
    await robin.look('receipt of a manager')
    await robin.close()
  },

  'someone who is not safe is shown whom to ring before it goes on': async trust => {
    const sam = await trust.person(SAM)
    await sam.go('/ask')
    await sam.page.getByLabel('Another team').check()
    await sam.page.getByLabel('Which other team?').selectOption({ label: 'Ash Ward' })
    await sam.choose('What is it about?', 'A major incident')
    await sam.choose('Which of these is nearest?', 'Fire, flood or estate failure')
    await sam.look('ask: another team')
    await sam.tap('button', 'Continue')
    await sam.choose('When did it happen?', 'Over several days')
    await sam.look('ask: over several days')
    for (const [name, day] of [['from', '1'], ['to', '3']]) {
      await sam.page.locator(`#incidents-0-${name}-day`).fill(day)
      await sam.page.locator(`#incidents-0-${name}-month`).fill('2')
      await sam.page.locator(`#incidents-0-${name}-year`).fill('2026')
    }
    await sam.choose('Where did it happen?', 'An inpatient ward')
    await sam.page.getByText('Say more about it').click()
    await sam.type('What happened, in one line', 'Ring Mrs Wren on 07700 900123 about the patient, Lee Avocet.')
    await sam.tap('button', 'Continue')
    await sam.choose('Is everyone safe now?', 'No, or I am not sure')
    await sam.choose('Does the threat go on?', 'I do not know')
    await sam.choose('Is the place safe?', 'No')
    await sam.choose('Is someone at immediate risk?', 'No')
    await sam.choose('How many staff were there, or directly affected?', '11 to 20')
    await sam.choose('How many others are affected?', 'Nobody')
    await sam.choose('Was anyone hurt?', 'Yes, and a member of staff is in hospital')
    await sam.choose('Are people getting worse rather than better?', 'Yes')
    await sam.look('ask: not safe')
    await sam.tap('button', 'Continue')
    await sam.reads('116 123')
    await sam.look('ask: get help now')
    await sam.tap('button', 'I have done this, or it is not needed: continue')
    await sam.choose('What do you ask for?', 'Consultation for the managers')
    await sam.choose('Does the team know that you ask?', 'I do not know')
    await sam.page.getByLabel('Do not go through').check()
    await sam.page.getByText('Say more: times, places').click()
    await sam.type('Should anyone not see this?', 'Somebody Unknown')
    await sam.type('Whom can we ring out of hours?', 'The ward, 01632 960 001')
    await sam.look('ask: more about support')
    await sam.tap('button', 'Continue')
    await sam.reads('may hold a phone number')
    await sam.look('ask: look at this again')
    await sam.tap('link', 'Add another incident')
    await sam.look('ask: another incident')
    await sam.choose('What else happened?', 'Something else')
    await sam.choose('When did it happen?', 'Today')
    await sam.choose('Where did it happen?', 'Online')
    await sam.tap('button', 'Continue')
    await sam.tap('button', 'Remove the incident that was added last')
    await sam.doesNotRead('What else happened?')
    await sam.tap('button', 'Send the request')
    await sam.errorIsFocused()
    await sam.reads('Nobody who could see this is known by that name')
    await sam.look('ask: refused at the end')
    await sam.page.locator('.nhsuk-error-summary a').first().click()
    await sam.page.waitForURL('**/ask/support#not_seen_by')
    await sam.type('Should anyone not see this?', 'Val Teal')
    await sam.tap('button', 'Continue')
    await sam.tap('button', 'Send the request')
    await sam.reads('Your request has arrived')
    await sam.close()
  },

  'something that is going to happen, and strain, are asked for as well': async trust => {
    const robin = await trust.person(ROBIN)
    await robin.go('/ask')
    await robin.choose('Which team is it for?', 'Harbour Stroke Ward')
    await robin.choose('What is it about?', 'Something that is going to happen')
    await robin.tap('button', 'Continue')
    await robin.look('ask: what is going to happen')
    await robin.tap('button', 'Continue')
    await people(robin)
    await robin.choose('What do you ask for?', 'PETR pre-brief')
    await robin.choose('Does the team know that you ask?', 'Yes')
    await robin.tap('button', 'Continue')
    await robin.page.getByRole('link', { name: 'Change What is it about?' }).click()
    await robin.choose('What is it about?', 'Strain, without one incident that explains it')
    await robin.choose('Which of these is nearest?', 'Sustained strain')
    await robin.tap('button', 'Continue')
    await robin.look('ask: strain')
    await robin.tap('button', 'Continue')
    await robin.reads('Sustained strain')
    await robin.tap('button', 'Send the request')
    await robin.reads('Your request has arrived')
    await robin.close()
  },

  'a lead asks on behalf of someone who rang': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.look('home of a lead')
    await alex.go('/ask')
    await alex.page.getByText('You ask on behalf of someone', { exact: true }).click()
    await alex.choose('Do you ask on behalf of someone?', 'Yes, someone asked me to')
    await alex.choose('How did it reach you?', 'Through staff side')
    await alex.look('ask: on behalf of someone')
    await alex.page.getByLabel('Another team').check()
    await alex.page.getByLabel('Which other team?').selectOption({ label: 'Ash Ward' })
    await alex.choose('What is it about?', 'Something else')
    await alex.tap('button', 'Continue')
    await details(alex)
    await people(alex)
    await support(alex)
    await alex.reads('Through staff side')
    await alex.tap('button', 'Send the request')
    await alex.reads('Your request has arrived')
    await alex.close()
  },

  'whoever cannot ask for a team is not offered it': async trust => {
    const kim = await trust.person('Kim Siskin')
    await kim.look('home of a counsellor')
    await kim.doesNotRead('href="/ask"')
    const response = await kim.go('/ask')
    expect(response.status() === 403, `it is ${response.status()}`)
    await kim.close()
  },

  'the square on a poster opens the request with the team filled in': async trust => {
    const jo = await trust.person(JO)
    await jo.go('/ask')
    const team = await jo.page.locator('#team').inputValue()
    await jo.go(`/teams/${team}/poster`)
    await jo.look('poster')
    const address = await jo.page.locator('svg desc').textContent()
    const href = address.replace('It leads to ', '')
    expect(href === `${trust.base}/ask?team=${team}`, `it leads to ${href}`)
    await jo.page.emulateMedia({ media: 'print' })
    expect(!(await jo.page.getByRole('button', { name: 'Sign out' }).isVisible()), 'the header is printed')
    await jo.page.screenshot({ path: `${trust.pictures}/poster-print.png`, fullPage: true })
    const paper = (await jo.page.pdf({ preferCSSPageSize: true })).toString('latin1')
    const sheets = paper.match(/\/Type\s*\/Page\b/g).length
    expect(sheets === 1, `the poster takes ${sheets} sheets`)
    await jo.page.emulateMedia({ media: 'screen' })
    const someone = await trust.visitor({ phone: true })
    await someone.page.goto(href)
    await someone.page.getByRole('button', { name: SAM }).first().click()
    await someone.page.waitForURL(`**/ask?team=${team}`)
    expect(await someone.page.getByLabel('Which other team?').inputValue() === team, 'the team is not filled in')
    const nowhere = await jo.go('/teams/00000000-0000-4000-8000-000000000000/poster')
    expect(nowhere.status() === 404, `it is ${nowhere.status()}`)
    await someone.close()
    await jo.close()
  },

  'a defusion that was held is told in six answers, and marked if it was late': async trust => {
    const robin = await trust.person(ROBIN)
    await robin.tap('link', 'We already held a defusion')
    await robin.look('defusion')
    await robin.tap('button', 'Record the defusion')
    await robin.errorIsFocused()
    await robin.look('defusion: with errors')
    await robin.choose('Which team is it for?', 'Harbour Stroke Ward')
    await robin.choose('What had happened?', 'A death')
    await robin.choose('Which of these is nearest?', 'Unexpected death of a patient')
    await robin.typeDay('When did it happen?', { day: 1, month: 2, year: 2026, time: '3am' })
    await robin.typeDay('When was the defusion held?', { day: 2, month: 2, year: 2026, time: '14:30' })
    await robin.choose('Who led it?', 'The nurse in charge')
    await robin.choose('How many were there?', '6 to 10')
    await robin.tap('button', 'Record the defusion')
    await robin.reads('Your request has arrived')
    await robin.reads('held later than 12 hours')
    await robin.look('receipt of a defusion')
    await robin.close()
  },

  'a receipt is seen by whoever asked, and by nobody else': async trust => {
    const sam = await trust.person(SAM)
    await toCheck(sam)
    await sam.tap('button', 'Send the request')
    const { pathname } = new URL(sam.page.url())
    const robin = await trust.person(ROBIN)
    const response = await robin.go(pathname)
    expect(response.status() === 404, `it is ${response.status()}`)
    await sam.close()
    await robin.close()
  }
}
