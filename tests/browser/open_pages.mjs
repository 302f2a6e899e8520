// What everyone can see, signed in or not.

import { expect } from './lib.mjs'

export const journeys = {
  'whoever opens the address sees whom to ring, without signing in': async trust => {
    const someone = await trust.visitor()
    await someone.go('/')
    await someone.reads('116 123')
    await someone.look('home, not signed in')
    await someone.close()
  },

  'signing in leads back to where one wanted to go': async trust => {
    const someone = await trust.visitor()
    await someone.go('/sign-in')
    await someone.look('sign in')
    await someone.tap('button', 'Robin Wren manages Harbour Stroke Ward')
    await someone.look('home of a manager')
    await someone.tap('button', 'Sign out')
    await someone.reads('Sign in')
    await someone.close()
  },

  'what is nowhere has a page that says so': async trust => {
    const someone = await trust.visitor()
    const response = await someone.go('/nothing-here')
    expect(response.status() === 404, `it is ${response.status()}`)
    await someone.look('nothing here')
    await someone.close()
  }
}
