// Signing in at a real sign-in service, proving again who one is, and signing out, in a browser.

import { expect } from './lib.mjs'

const service = new URL(process.env.PIPSS_SERVICE)

/** The service's own pages load from elsewhere, which nobody is asked for here; ours load nothing. */
async function visitor (trust, how = {}) {
  const someone = await trust.visitor(how)
  const known = [service.host, new URL(trust.base).host]
  await someone.context.route(url => !known.includes(url.host), route => route.abort())
  return someone
}

/** What the service's pages did is not ours. */
function back (someone) {
  someone.faults = []
}

async function atTheService (someone) {
  const { page } = someone
  await page.waitForURL(url => url.host === service.host)
  await page.getByPlaceholder('Enter any login').fill('sam')
  await page.getByPlaceholder('and password').fill('x')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.waitForURL(url => url.host !== service.host || url.pathname.startsWith('/interaction/'))
  const more = page.getByRole('button', { name: 'Continue' })
  if (new URL(page.url()).host === service.host) await more.click()
  await page.waitForURL(url => url.host !== service.host)
  back(someone)
}

export const journeys = {
  'someone signs in with their account, proves again who they are, and signs out': async trust => {
    for (const phone of [false, true]) {
      const sam = await visitor(trust, { phone })
      await sam.go('/sign-in?back=/harm')
      if (!phone) await sam.look('sign in with an account')
      await sam.tap('button', 'Sign in with your trust account')
      await atTheService(sam)
      expect(new URL(sam.page.url()).pathname === '/harm', `they came back to ${sam.page.url()}`)
      await sam.type('Why?', 'A life is at risk')
      await sam.tap('button', 'Save')
      await sam.reads('Show once more that it is you')
      if (!phone) await sam.look('prove again who you are')
      await sam.tap('button', 'Sign in with your trust account')
      await atTheService(sam)
      await sam.reads('Nothing was done yet')
      if (!phone) await sam.look('proved again')
      await sam.tap('button', 'Send it now')
      await sam.reads('Done, because A life is at risk')
      await sam.go('/')
      await sam.tap('button', 'Sign out')
      await sam.page.waitForURL(url => url.host === service.host)
      await sam.page.getByRole('button', { name: 'Yes, sign me out' }).click()
      await sam.page.waitForURL(url => url.host !== service.host)
      back(sam)
      await sam.go('/support')
      await sam.reads('Sign in with your trust account')
      await sam.close()
    }
  },

  'a page that leads on says where, also while nothing is there': async trust => {
    const sam = await visitor(trust)
    await sam.go('/sign-in?back=/harm')
    await sam.tap('button', 'Sign in with your trust account')
    await atTheService(sam)
    await sam.type('Why?', 'A life is at risk')
    await sam.tap('button', 'Save')
    await sam.context.route(url => url.host === service.host, route => route.fulfill({ status: 204 }))
    await sam.tap('button', 'Sign in with your trust account')
    await sam.reads('You are taken to where you sign in')
    back(sam)
    await sam.look('on the way to sign in')
    await sam.close()
  },

  'whoever comes back wrongly reads a kind page': async trust => {
    const someone = await visitor(trust)
    await someone.go('/sign-in/callback?code=planted&state=planted')
    await someone.reads('You are not signed in')
    await someone.doesNotRead('planted')
    await someone.look('not signed in')
    await someone.close()
  }
}
