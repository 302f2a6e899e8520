// A case: its page for everyone who may see it, and every command to it as a form.

import { expect } from './lib.mjs'

let keys = 0

/** Someone of the demonstration at the JSON interface, to bring a case to where a journey begins. */
async function api (trust, name) {
  const { people } = await (await fetch(`${trust.base}/demo/people`)).json()
  const { person } = people.find(one => one.name === name)
  const token = await (await fetch(`${trust.base}/demo/token`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ person })
  })).json()
  const headers = { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' }
  const read = async path => {
    const answer = await fetch(`${trust.base}/api/v1/${path}`, { headers })
    expect(answer.ok, `${name} could not read ${path}: ${answer.status}`)
    return answer.json()
  }
  const give = async (path, body, version) => {
    const more = { 'idempotency-key': `case-${++keys}-${Date.now()}` }
    if (version) more['if-match'] = `"${version}"`
    const answer = await fetch(`${trust.base}/api/v1/${path}`, {
      method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body)
    })
    const text = await answer.text()
    expect(answer.ok, `${name} could not give ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : {}
  }
  const toCase = async (id, command, body) => {
    const { version } = await read(`cases/${id}`)
    return give(`cases/${id}/${command}`, body, version)
  }
  return { person, read, give, toCase }
}

const CALM = {
  threat_continuing: false, staff_not_safe_or_rested: false, witness_position_unsettled: false,
  very_different_exposure_or_conflict: false, manager_implicated: false, really_an_investigation: false
}

/** A case that Jo Plover raised for her ward, days ago by the clock of the demonstration. */
async function raised (trust) {
  const jo = await api(trust, 'Jo Plover')
  const me = await jo.read('me')
  const at = new Date(Date.now() - 5 * 86400000).toISOString()
  const { case: id } = await jo.give('referrals', {
    team: me.manages[0].team,
    incidents: [{ type: 'resuscitation_attempt', occurred: { at }, place: 'inpatient_ward', line: 'A long resuscitation in front of the whole shift.' }],
    affected: { directly: '6-10', indirectly: 'unknown', groups: ['students'] },
    injuries: 'no', signs_worsening: 'unknown', team_aware: 'yes', asked_for: ['petr_debrief'],
    safety: { threat_continuing: 'no', area_safe: 'yes', someone_at_immediate_risk: 'no' }
  })
  return id
}

async function strokeCase (trust) {
  const robin = await api(trust, 'Robin Wren')
  const { cases } = await robin.read('cases')
  return cases[0].case
}

export const journeys = {
  'the stroke ward’s case as the lead, the manager and a facilitator see it': async trust => {
    const id = await strokeCase(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}`)
    await lead.reads('Harbour Stroke Ward')
    await lead.look('case, told to its end, lead')
    const manager = await trust.person('Robin Wren')
    await manager.go(`/cases/${id}`)
    await manager.look('case, told to its end, manager')
    await lead.close()
    await manager.close()
  },

  'a case just raised': async trust => {
    const id = await raised(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}`)
    await lead.look('case, raised, lead')
    await lead.tap('button', 'Record the reply to whoever asked')
    await lead.look('acknowledge')
    await lead.go(`/cases/${id}/triage`)
    await lead.look('triage')
    await lead.tap('button', 'Save triage')
    await lead.errorIsFocused()
    await lead.look('triage, errors')
    await lead.close()
  }
}
