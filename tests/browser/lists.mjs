// What waits for the lead, what comes this week, and the story of a manager's team.

import { api as at, expect } from './lib.mjs'

const LEAD = 'Alex Kestrel'
const MANAGER = 'Robin Wren'
const OTHER_MANAGER = 'Val Teal'

async function caseOf (trust, team) {
  const { cases } = await (await at(trust, LEAD)).read('cases')
  return cases.find(line => line.team.name === team)
}

/** A session in some days for Ash Ward, by two facilitators of whom one has answered. */
async function arranged (trust) {
  const lead = await at(trust, LEAD)
  const { case: id } = await caseOf(trust, 'Ash Ward')
  const no = ['threat_continuing', 'staff_not_safe_or_rested', 'witness_position_unsettled',
    'very_different_exposure_or_conflict', 'manager_implicated', 'really_an_investigation']
  await lead.toCase(id, 'triage', {
    urgency: 'U2', outcome: 'accept', contraindications: Object.fromEntries(no.map(name => [name, false]))
  })
  const { offer } = await lead.toCase(id, 'plan-offer', { kind: 'petr_debrief', owner: 'pipss_lead' })
  const [ash, kim] = [await at(trust, 'Ash Linnet'), await at(trust, 'Kim Siskin')]
  const starts = new Date(Date.now() + 7 * 24 * 3600e3)
  starts.setUTCHours(13, 0, 0, 0)
  const { session } = await lead.toCase(id, 'arrange-session', {
    offer, starts_at: starts.toISOString(), minutes: 75, site: 'Fernside House, Room 2',
    facilitators: [ash.person, kim.person], managers_attend: 'no', departs_because: 'other'
  })
  await kim.toCase(id, 'answer-invitation', { session, accept: true })
  return { id, session, day: starts.toISOString().slice(0, 10) }
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

  'by keyboard alone a lead looks back at the queue, and is told kindly what a day looks like': async trust => {
    const lead = await trust.person(LEAD)
    const { keyboard } = lead.page
    await lead.go('/queue')
    await lead.page.locator('summary', { hasText: 'Show what was known on an earlier day' }).focus()
    await keyboard.press('Enter')
    await keyboard.press('Tab')
    await keyboard.type('last Tuesday')
    await keyboard.press('Enter')
    await lead.page.getByText('There is a problem').waitFor()
    await lead.errorIsFocused()
    await lead.look('queue with an error')
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    const focused = await lead.page.evaluate(() => [document.activeElement.id, document.activeElement.value])
    expect(focused.join() === 'as_of,last Tuesday', `the focus is on ${focused}`)
    await keyboard.press('ControlOrMeta+A')
    await keyboard.type('1 January 2024')
    await keyboard.press('Enter')
    await lead.page.getByText('Nothing waits: every case is closed.').waitFor()
    await lead.reads('This is what was known on 1 January 2024, 23:59.')
    await lead.look('queue as it was known')
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
    const triaged = (await (await at(trust, LEAD)).read(`teams/${new URL(manager.page.url()).pathname.split('/')[2]}/timeline`))
      .entries.find(entry => entry.kind === 'CaseTriaged').at
    await manager.page.getByText('Show what was known on an earlier day').click()
    await manager.type('Which day?', triaged.slice(0, 10))
    await manager.tap('button', 'Show it')
    await manager.reads('This is what was known on')
    await manager.reads('triaged the request')
    await manager.doesNotRead('Planned: PETR debrief')
    await manager.look('story of a team as it was known')
    await manager.close()
  },

  'a lead sees every task with the way to it, one-to-ones among them without who asked': async trust => {
    const sam = await at(trust, 'Sam Heron')
    await sam.give('one-to-ones', { call_me: 'Sam', soon: true, preference: 'anyone', note: 'CANARY' })
    const kim = await at(trust, 'Kim Siskin')
    const { case: id } = await caseOf(trust, 'Harbour Stroke Ward')
    await kim.give(`cases/${id}/escalate`, { danger: 'risk_to_self', route: 'crisis_team' })
    const lead = await trust.person(LEAD)
    await lead.go('/tasks')
    for (const words of ['Serious danger was reported', 'New requests for one-to-one support', 'Within two working days',
      'Follow-ups: whom to ask', 'Actions that are overdue', 'Agree who may ring security at night']) await lead.reads(words)
    await lead.doesNotRead('CANARY')
    await lead.look('tasks')
    const links = await lead.page.locator('main li a').evaluateAll(all => all.map(a => a.getAttribute('href')))
    for (const link of links.filter(href => !href.startsWith('/one-to-ones'))) {
      const response = await lead.go(link)
      expect(response.status() === 200, `${link} answers ${response.status()}`)
    }
    const manager = await trust.person(MANAGER)
    const refused = await manager.go('/tasks')
    expect(refused.status() === 403, `a manager gets ${refused.status()}`)
    await lead.close()
    await manager.close()
  },

  'a manager answers the follow-up from the team page: three answers and one button': async trust => {
    const lead = await at(trust, LEAD)
    const { case: id } = await caseOf(trust, 'Harbour Stroke Ward')
    const manager = await trust.person(MANAGER, { phone: true })
    await manager.go(`/cases/${id}/answer-follow-up`)
    await manager.reads('Nothing waits for your answer')
    await manager.look('no follow-up to answer')
    await lead.toCase(id, 'confirm-follow-up', { follow_up: 'four_weeks', ask: { manager: (await at(trust, MANAGER)).person } })
    await manager.go('/teams')
    await manager.tap('link', 'Harbour Stroke Ward')
    await manager.look('story of a team with questions')
    manager.startCounting()
    await manager.tap('link', 'Three short questions are waiting for you')
    await manager.look('follow-up')
    await manager.choose('Compared with then, how is the team doing?', 'Better')
    await manager.tap('button', 'Send')
    await manager.errorIsFocused()
    await manager.look('follow-up with errors')
    const kept = await manager.page.getByLabel('Better', { exact: true }).isChecked()
    expect(kept, 'what was chosen is not there any more')
    await manager.choose('Has the team been reminded how to ask for support privately?', 'Yes')
    await manager.choose('Would the team like more support together?', 'No')
    await manager.tap('button', 'Send')
    await manager.reads('Thank you. Your answer is with the PIPSS lead.')
    await manager.reads('better')
    trust.budgeted('taps of a follow-up, with one mistake', manager.taps)
    await manager.go(`/cases/${id}/answer-follow-up`)
    await manager.reads('You have answered. Thank you.')
    await manager.look('follow-up answered')
    await manager.close()
  },

  'a lead goes through the weeks, and sees who holds each session and who has not answered': async trust => {
    const { day } = await arranged(trust)
    const lead = await trust.person(LEAD)
    await lead.go(`/week?day=${day}`)
    await lead.reads('Fernside House, Room 2')
    await lead.reads('Kim Siskin (will come)')
    await lead.reads('Ash Linnet (has not answered)')
    await lead.reads('1 session; 1 invitation is not answered.')
    await lead.look('week')
    await lead.tap('link', 'The week after')
    await lead.reads('No session is arranged in these days.')
    await lead.look('week without sessions')
    await lead.tap('link', 'This week')
    await lead.reads('Sessions this week')
    await lead.close()
  },

  'a manager prints the notice of a session for the team': async trust => {
    const { cases } = await (await at(trust, OTHER_MANAGER)).read('cases')
    const { offers } = await (await at(trust, OTHER_MANAGER)).read(`cases/${cases[0].case}`)
    const session = offers.flatMap(offer => offer.sessions)[0].session
    const manager = await trust.person(OTHER_MANAGER, { phone: true })
    await manager.go(`/cases/${cases[0].case}/sessions/${session}/notice`)
    for (const words of ['Ash Linnet and Kim Siskin', 'Coming is voluntary', 'Fernside House', 'No manager sees who asks']) {
      await manager.reads(words)
    }
    await manager.look('notice')
    await manager.page.emulateMedia({ media: 'print' })
    const pages = (await manager.page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page[^s]/g).length
    expect(pages === 1, `the notice takes ${pages} sheets`)
    await manager.close()
  },

  'a search finds what may be seen and nothing else, without scripts as well': async trust => {
    const lead = await trust.person(LEAD, { scripts: false })
    await lead.go('/search')
    await lead.look('search')
    await lead.type('Team', 'harbour stroke ward')
    await lead.tap('button', 'Search')
    await lead.reads('Found, the newest first')
    expect(!(await lead.text()).includes('Ash Ward,'), 'another team was found')
    const { reference } = await caseOf(trust, 'Ash Ward')
    await lead.go('/search')
    await lead.type('Reference', reference.toLowerCase().replaceAll('-', ' '))
    await lead.tap('button', 'Search')
    await lead.reads(reference)
    await lead.look('search that found one')
    await lead.close()
    const manager = await trust.person(MANAGER)
    await manager.go('/search')
    await manager.look('search of a manager')
    await manager.doesNotRead(reference)
    await manager.type('Reference', reference)
    await manager.tap('button', 'Search')
    await manager.reads('Nothing found')
    await manager.look('search that found nothing')
    await manager.type('Team', 'Nowhere Ward')
    await manager.page.getByText('Search by more').click()
    await manager.type('Changed since', 'tomorrow')
    await manager.tap('button', 'Search')
    await manager.errorIsFocused()
    await manager.look('search with errors')
    await manager.tap('link', 'No team has this name. Write it as the directory has it.')
    const focused = await manager.page.evaluate(() => [document.activeElement.id, document.activeElement.value])
    expect(focused.join() === 'team,Nowhere Ward', `the focus is on ${focused}`)
    await manager.close()
  },

  'a lead sees what became of each letter, page by page': async trust => {
    const lead = await trust.person(LEAD)
    await lead.go('/queue')
    await lead.tap('link', 'Letters')
    await lead.reads('Receipt to whoever asked')
    await lead.look('letters')
    await lead.tap('link', 'Could not be delivered')
    await lead.reads('There is none.')
    await lead.look('letters, none')
    await lead.close()
  },

  'a lead agrees a reflective group with a team and ends it; its manager sees both': async trust => {
    const lead = await trust.person(LEAD)
    await lead.go('/groups')
    await lead.reads('No group meets at present.')
    await lead.look('groups, none')
    await lead.tapOn(lead.page.getByRole('button', { name: 'Agree a group' }))
    await lead.look('agree a group')
    await lead.page.getByLabel('Which team?').selectOption({ label: 'Harbour Stroke Ward' })
    await lead.type('How often does it meet?', '40')
    await lead.typeDay('From which day on?', { day: 7, month: 'January', year: 2027 })
    await lead.tap('button', 'Agree')
    await lead.errorIsFocused()
    await lead.reads('Give 1 to 26 weeks.')
    await lead.look('agree a group with an error')
    await lead.type('How often does it meet?', '4')
    await lead.tap('button', 'Agree')
    await lead.reads('The group is agreed.')
    await lead.look('groups')
    const manager = await trust.person(MANAGER)
    await manager.go('/groups')
    await manager.reads('Meets every 4 weeks, from 7 January 2027')
    await manager.look('groups of a manager')
    await lead.tapOn(lead.page.getByRole('link', { name: /End it/ }))
    await lead.look('end a group')
    await lead.choose('Why does the group end?', 'The team asked to end it')
    await lead.tap('button', 'End the group')
    await lead.reads('The group has ended.')
    await lead.look('groups, one ended')
    await lead.close()
    await manager.close()
  }
}
