// The pages of a trust that may show the NHS logo: its name and its colour stand in the header.

import { expect } from './lib.mjs'

async function isTheTrusts (visitor) {
  const header = visitor.page.locator('header')
  expect((await header.innerText()).includes('Harbour and Hills Community'), 'the trust is not in the header')
  expect(await header.locator('.nhsuk-header__logo').isVisible(), 'the logo is not in the header')
  const colour = await header.evaluate(element => window.getComputedStyle(element).backgroundColor)
  expect(colour === 'rgb(0, 48, 135)', `the header is ${colour}`)
}

export const journeys = {
  'whoever opens the address of a trust sees whose service it is': async trust => {
    const someone = await trust.visitor()
    await someone.go('/')
    await isTheTrusts(someone)
    await someone.look('home with the NHS logo')
    await someone.go('/sign-in')
    await isTheTrusts(someone)
    await someone.look('sign in where it is not set up')
    await someone.close()
  }
}
