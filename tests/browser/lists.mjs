// What waits for the lead, and the story of a manager's team.

import { expect } from './lib.mjs'

const LEAD = 'Alex Kestrel'
const MANAGER = 'Robin Wren'

async function theStoryOfTheWard (someone) {
  await someone.go('/teams')
  await someone.tap('link', 'Harbour Stroke Ward')
}

export const journeys = {
  'a lead at a desk sees what waits, the most urgent first, and how a due time was worked out': async trust => {
    const lead = await trust.person(LEAD)
    await lead.tap('link', 'Queue')
    await lead.reads('Ash Ward')
    await lead.reads('U2, urgent')
    await lead.reads('Reply to whoever asked')
    await lead.look('queue')
    await lead.page.getByText('How was this worked out?').first().click()
    await lead.reads('working time (Monday to Friday')
    await lead.look('queue with its working')
    await lead.close()
  },

  'a manager on a phone reads the story of the ward in order, the offer made to all in it and nobody’s use of it': async trust => {
    const manager = await trust.person(MANAGER, { phone: true })
    await manager.go('/teams')
    await manager.look('my teams')
    await manager.tap('link', 'Harbour Stroke Ward')
    const text = await manager.text()
    const order = ['was asked for', 'answered whoever asked', 'triaged', 'Planned: PETR debrief', 'Arranged: PETR debrief',
      'One-to-one support was made known', 'Held: PETR debrief', 'Handed over', 'closed', 'Two officers at night']
    const places = order.map(words => text.indexOf(words))
    expect(places.every((at, n) => at >= 0 && (n === 0 || at > places[n - 1])), `not in order: ${places}\n${text}`)
    await manager.doesNotRead('Kim Siskin')
    await manager.look('story of a team')
    await manager.close()
  }
}
