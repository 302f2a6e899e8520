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
  await someone.choose('What would help?', 'PETR debrief')
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
    await team(sam)
    await details(sam)
    await people(sam)
    await support(sam)
    await sam.look('ask without scripts: check')
    await sam.tap('button', 'Send the request')
    await sam.reads('Your request has arrived')
    await sam.close()
  }
}
