// What those see who look after the pathway: governance, the supervision lead, the auditor, the administrator.

import { expect } from './lib.mjs'

/** How it comes out of a printer. */
async function print (visitor, label) {
  const { page, trust } = visitor
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 794, height: 1123 })
  await page.screenshot({ path: `${trust.pictures}/${label}.png`, fullPage: true })
  for (const gone of ['.nhsuk-header__navigation', '.nhsuk-footer', '.pipss-demo']) {
    const found = page.locator(gone)
    if (await found.count()) expect(!(await found.first().isVisible()), `${gone} is printed`)
  }
  await page.emulateMedia({ media: 'screen' })
  await page.setViewportSize({ width: 1280, height: 900 })
}

/** Every number of a chart stands in the table beside it, and what is hidden has no length. */
async function chartsAgreeWithTables (visitor) {
  const wrong = await visitor.page.evaluate(() => {
    const wrong = []
    for (const figures of document.querySelectorAll('.pipss-figures')) {
      const svg = figures.querySelector('svg')
      if (!svg) continue
      const words = figures.querySelector('table').innerText
      if (!svg.querySelector('title').textContent) wrong.push('a chart has no title')
      const bars = svg.querySelectorAll('rect').length
      const texts = [...svg.querySelectorAll('text')].map(text => text.textContent)
      const numbers = texts.filter(text => /^\d+( |$)/.test(text))
      if (numbers.length < bars) wrong.push(`${bars} bars and ${numbers.length} numbers`)
      for (const text of numbers) {
        const number = text.split(' ')[0]
        if (!words.includes(number)) wrong.push(`${text} is not in the table`)
      }
      if (svg.querySelector('[style]')) wrong.push('a chart has a style attribute')
    }
    return wrong
  })
  expect(wrong.length === 0, wrong.join('; '))
}

export const journeys = {
  'governance reads the report of a quarter, on a screen and on paper': async trust => {
    const max = await trust.person('Max Dipper')
    await max.tap('link', 'Reports')
    await chartsAgreeWithTables(max)
    await max.look('reports')
    const quarters = await max.page.locator('main table a').allInnerTexts()
    expect(quarters.length === 8, `${quarters.length} quarters`)
    await max.tap('link', quarters[1])
    await max.reads('Requests for support')
    await max.reads('What is not shown, and why')
    await max.doesNotRead('For the lead only')
    await chartsAgreeWithTables(max)
    await max.look('report of a quarter')
    trust.budgeted('taps from signing in to a report', max.taps)
    await print(max, 'report of a quarter on paper')
    await max.close()
  },

  'a quarter without data says so, and one that is not over is not there': async trust => {
    const max = await trust.person('Max Dipper')
    await max.go('/reports/2019-Q1')
    await max.reads('Nobody asked for support in this quarter.')
    await max.look('report of an empty quarter')
    const later = await max.go('/reports/2099-Q1')
    expect(later.status() === 404, `it is ${later.status()}`)
    await max.close()
  },

  'the lead also reads the waits': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.go('/reports')
    const quarters = await alex.page.locator('main table a').allInnerTexts()
    await alex.tap('link', quarters[1])
    await alex.reads('For the lead only')
    await alex.reads('Nine in ten took at most')
    await chartsAgreeWithTables(alex)
    await alex.look('report with waits')
    await alex.close()
  },

  'a manager has no reports': async trust => {
    const robin = await trust.person('Robin Wren')
    const answer = await robin.go('/reports')
    expect(answer.status() === 403, `it is ${answer.status()}`)
    await robin.look('reports are not for a manager')
    await robin.close()
  }
}
