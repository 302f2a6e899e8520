// How a page comes out of a printer: without what is only of use on a screen.

import { expect } from './lib.mjs'

/** How it comes out of a printer. */
export async function print (visitor, label) {
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
