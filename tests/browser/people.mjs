// What facilitators do (their sessions, the record, feedback codes), and what people ask for themselves.

import { expect } from './lib.mjs'

/** Someone of the demonstration at the JSON interface: sets up what a journey needs. */
async function at (trust, name) {
  const people = (await (await fetch(`${trust.base}/demo/people`)).json()).people
  const { person } = people.find(someone => someone.name === name)
  const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ person }) }
  const token = (await (await fetch(`${trust.base}/demo/token`, sent)).json()).access_token
  const ask = async (path, body, headers = {}) => {
    const response = await fetch(`${trust.base}/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...headers
      },
      body: body && JSON.stringify(body)
    })
    const answer = await response.json()
    expect(response.ok, `${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  const give = async (path, name, body) => {
    const { version } = await ask(path)
    return ask(`${path}/${name}`, body, { 'if-match': `"${version}"` })
  }
  return { person, ask, give, people }
}

const HOUR = 3600 * 1000
/** How far the demonstration's clock was moved. */
let moved = 0

async function moveTo (trust, time) {
  moved = time
  await trust.moveClock(new Date(time).toISOString())
}

const no = 'no'
const CONTRA = ['threat_continuing', 'staff_not_safe_or_rested', 'witness_position_unsettled',
  'very_different_exposure_or_conflict', 'manager_implicated', 'really_an_investigation']

/** A debrief for Ash Ward, so many hours from now, held by Ash Linnet and Kim Siskin. */
async function arranged (trust, hours) {
  const alex = await at(trust, 'Alex Kestrel')
  const who = name => alex.people.find(someone => someone.name === name).person
  const { teams } = await alex.ask('/teams')
  const now = Math.max(moved, Date.now())
  const from = ms => new Date(now + ms).toISOString().replace(/\.\d+Z/, 'Z')
  const day = 24 * HOUR
  const raised = await alex.ask('/referrals', {
    team: teams.find(team => team.name === 'Ash Ward').team,
    incidents: [{ type: 'assault_physical', occurred: { at: from(-5 * day) }, place: 'inpatient_ward' }],
    affected: { directly: '6-10', indirectly: 'unknown', groups: ['night_staff'] },
    injuries: no, signs_worsening: no,
    safety: { threat_continuing: no, area_safe: 'yes', someone_at_immediate_risk: no },
    asked_for: ['petr_debrief'], team_aware: 'yes'
  })
  const path = `/cases/${raised.case}`
  await alex.give(path, 'triage', {
    urgency: 'U3', outcome: 'accept', contraindications: Object.fromEntries(CONTRA.map(name => [name, false]))
  })
  const { offer } = await alex.give(path, 'plan-offer', { kind: 'petr_debrief', owner: 'pipss_lead' })
  const { session } = await alex.give(path, 'arrange-session', {
    offer, starts_at: from(hours * HOUR), minutes: 75, site: 'Birch House, Room 2',
    facilitators: [who('Ash Linnet'), who('Kim Siskin')], managers_attend: no
  })
  return { case: raised.case, session, startsAt: now + hours * HOUR }
}

export const journeys = {
  'a facilitator accepts an invitation and later records the session, on a phone, without typing': async trust => {
    const of = await arranged(trust, 24)
    const ash = await trust.person('Ash Linnet', { phone: true })
    await ash.go('/sessions')
    await ash.reads('Please answer')
    await ash.look('my sessions with an invitation')
    await ash.page.getByRole('button', { name: /^Accept or decline/ }).click()
    await ash.look('accept or decline')
    await ash.tapOn(ash.page.getByLabel('Yes', { exact: true }))
    await ash.tap('button', 'Send')
    await ash.reads('You accepted')
    await moveTo(trust, of.startsAt + 2 * HOUR)
    await ash.go('/sessions')
    await ash.reads('Waiting for a record')
    await ash.look('my sessions with one to record')
    ash.startCounting()
    await ash.tapOn(ash.page.getByRole('button', { name: /^Record/ }))
    await ash.look('record a session')
    await ash.choose('How many people were there?', '9')
    await ash.choose('Which phases did you cover?', 'All six')
    for (const [group, themes] of [
      ['Thoughts and feelings', [['Bereavement', 'Difficulty'], ['Feeling unsafe', 'Difficulty']]],
      ['The team', [['Holding together as a team', 'Strength']]],
      ['How the work is organised', [['Handover', 'Mixed']]]
    ]) {
      await ash.tapOn(ash.page.getByText(group, { exact: true }))
      for (const [theme, polarity] of themes) await ash.choose(theme, polarity)
    }
    await ash.tapOn(ash.page.getByLabel('I would like supervision for myself'))
    await ash.look('record a session, filled in')
    await ash.tap('button', 'Record the session')
    await ash.reads('The session is recorded')
    trust.budgeted('taps to record a session', ash.taps)
    trust.budgeted('screens to record a session', ash.screens)
    expect(ash.taps <= 15, `it took ${ash.taps} taps`)
    await ash.look('my sessions with one recorded')
    const pat = await at(trust, 'Pat Curlew')
    const { requests } = await pat.ask('/supervision')
    expect(requests.length === 1 && requests[0].after === 'session', JSON.stringify(requests))
    await ash.close()
  },

  'what is missing in a record is told at once, what was tapped stays, and a name is asked about once': async trust => {
    const of = await arranged(trust, 26)
    await moveTo(trust, of.startsAt + 2 * HOUR)
    const kim = await trust.person('Kim Siskin')
    await kim.go(`/cases/${of.case}/sessions/${of.session}/record`)
    await kim.choose('How many people were there?', '12')
    await kim.page.getByText('Practical actions that were agreed').click()
    await kim.type('Action 1: what is to be done?', 'Robin Wren and Dr Heron ring 01632 960100')
    await kim.tap('button', 'Record the session')
    await kim.errorIsFocused()
    await kim.look('record a session with errors')
    expect(await kim.page.getByLabel('12', { exact: true }).isChecked(), 'the headcount is still there')
    await kim.choose('Which phases did you cover?', 'All six')
    await kim.page.getByText('The place of work', { exact: true }).click()
    await kim.choose('Security of the site', 'Difficulty')
    await kim.page.getByLabel('Action 1: who sees to it?').selectOption({ label: 'Ward management' })
    await kim.page.getByLabel('Action 1: by when?').selectOption({ index: 1 })
    await kim.tap('button', 'Record the session')
    await kim.reads('This looks like a phone number')
    await kim.errorIsFocused()
    await kim.look('record a session, asked kindly')
    await kim.tap('link', 'This looks like a phone number. The record keeps none. Change it, or send it as it is.')
    await kim.tap('button', 'Record the session')
    await kim.reads('The session is recorded')
    await kim.close()
  }
}
