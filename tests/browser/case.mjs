// A case: its page for everyone who may see it, and every command to it as a form.

import { api, expect } from './lib.mjs'

let keys = 0

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
  const { cases } = await robin.read('cases?state=closed')
  return cases[0].case
}

/** In some days, by the clock on the wall, as one types it. */
function inDays (days, time) {
  const at = new Date(Date.now() + days * 86400000)
  return { day: at.getUTCDate(), month: at.getUTCMonth() + 1, year: at.getUTCFullYear(), time }
}

/** A case that is open, with a PETR debrief in its plan. */
async function planned (trust) {
  const id = await raised(trust)
  const lead = await api(trust, 'Alex Kestrel')
  await lead.toCase(id, 'triage', { urgency: 'U3', outcome: 'accept', contraindications: CALM })
  await lead.toCase(id, 'plan-offer', { kind: 'petr_debrief', owner: 'pipss_lead', aim: 'Time to reflect together' })
  return id
}

/** The same with a session to come. */
async function arranged (trust, days = 6) {
  const id = await planned(trust)
  const lead = await api(trust, 'Alex Kestrel')
  const { offers } = await lead.read(`cases/${id}`)
  const people = await Promise.all(['Ash Linnet', 'Kim Siskin'].map(name => api(trust, name)))
  // Nobody is in two places: each case has its hour.
  const at = new Date(Date.now() + days * 86400000 + ++keys * 3 * 3600000).toISOString()
  await lead.toCase(id, 'arrange-session', {
    offer: offers[0].offer,
    starts_at: at,
    site: 'Library',
    facilitators: people.map(one => one.person),
    managers_attend: 'no',
    overrides: people.map(one => ({ facilitator: one.person, reason: 'They agreed to one more.' }))
  })
  const { offers: now } = await lead.read(`cases/${id}`)
  return { id, session: now[0].sessions[0].session, offer: now[0].offer }
}

async function refuses (visitor, button, label, words) {
  await visitor.tap('button', button)
  await visitor.errorIsFocused()
  for (const word of words) await visitor.reads(word)
  await visitor.look(label)
}

export const journeys = {
  'one case goes from raised to arranged in a few taps': async trust => {
    const id = await raised(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}`)
    await lead.look('case, raised, lead')
    await lead.tap('button', 'Record the reply to whoever asked')
    await lead.look('acknowledge')
    await lead.tap('radio', 'By telephone')
    await lead.tap('button', 'Save the reply')
    await lead.reads('The reply is recorded.')
    await lead.tap('button', 'Triage this request')
    await lead.look('triage')
    const prompts = await lead.page.getByLabel('No', { exact: true }).all()
    expect(prompts.length === 6, `${prompts.length} prompts were asked`)
    for (const prompt of prompts) await lead.tapOn(prompt)
    await lead.tap('button', 'Save triage')
    await lead.reads('Urgency U3, routine.')
    await lead.tap('button', 'Record what the team needs')
    await lead.tap('checkbox', 'The managers')
    await lead.tap('checkbox', 'Distress')
    await lead.tap('checkbox', 'Staffing')
    await lead.type('A note', 'Two nights in a row.')
    await lead.look('scoping')
    await lead.tap('button', 'Save what was found')
    await lead.tap('button', 'Plan the first offer')
    await lead.look('plan an offer')
    await lead.tap('button', 'Add PETR debrief, owned by the PIPSS lead')
    await lead.tap('button', 'Arrange a session: PETR debrief')
    await lead.look('arrange')
    await lead.typeDay('When does it start?', inDays(7, '10:00'))
    await lead.type('Where?', 'Library, Mill Street')
    await lead.tap('checkbox', 'Alex Kestrel')
    await lead.tap('checkbox', 'Charlie Dunnock').catch(() => lead.tap('checkbox', 'Kim Siskin'))
    await lead.tap('radio', 'Managers do not attend')
    await lead.tap('button', 'Arrange the session')
    await lead.reads('The session is arranged.')
    trust.budgeted('taps from raised to arranged', lead.taps)
    expect(lead.taps <= 40, `it took ${lead.taps} taps`)
    await lead.look('case, arranged, lead')
    const manager = await trust.person('Jo Plover')
    await manager.go(`/cases/${id}`)
    await manager.look('case, arranged, manager')
    const facilitator = await trust.person('Kim Siskin')
    await facilitator.go(`/cases/${id}`)
    // Where they could not go, no link leads.
    await facilitator.doesNotRead('Everything that happened in')
    await facilitator.look('case, arranged, facilitator')
    for (const one of [lead, manager, facilitator]) await one.close()
  },

  'the stroke ward’s case is told to its end, and the manager sees nothing of a one-to-one': async trust => {
    const id = await strokeCase(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}`)
    await lead.page.getByText('How was this worked out?').first().click()
    await lead.look('case, told to its end, lead')
    const manager = await trust.person('Robin Wren')
    await manager.go(`/cases/${id}`)
    await manager.reads('One-to-one support is there for everyone')
    const text = await manager.text()
    const mentions = text.split('\n').filter(line => /one-to-one/i.test(line))
    const allowed = /made known|One-to-one support is there for everyone/
    expect(mentions.every(line => allowed.test(line)), mentions.join('\n'))
    await manager.doesNotRead('Clocks')
    await manager.look('case, told to its end, manager')
    await lead.close()
    await manager.close()
  },

  'the case as it was known the day after triage shows no more than that': async trust => {
    const id = await strokeCase(trust)
    const lead = await api(trust, 'Alex Kestrel')
    const { entries } = await lead.read(`cases/${id}/timeline`)
    const triaged = entries.find(one => one.headline.includes('triaged the request'))
    const robin = await trust.person('Robin Wren')
    await robin.go(`/cases/${id}`)
    await robin.page.getByLabel('See the case as it was known on').fill(triaged.recorded_at.slice(0, 10))
    await robin.tap('button', 'Show')
    await robin.reads('This is how the case was known on')
    await robin.reads('triaged the request')
    const text = await robin.text()
    expect(!text.includes('Held:') && !text.includes('What is next'), text)
    await robin.look('case, as it was known')
    await robin.tap('link', 'See the case as it is today')
    await robin.go(`/cases/${id}?as_of=2020-01-01`)
    await robin.reads('Nothing was known of this case then')
    await robin.errorIsFocused()
    await robin.look('case, as of too early')
    await robin.go(`/cases/${id}?as_of=${encodeURIComponent(triaged.recorded_at)}`)
    await robin.reads('This is how the case was known on')
    await robin.close()
  },

  'what is missing or wrong is said beside each question, and what was typed is still there': async trust => {
    const id = await raised(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}/acknowledge`)
    await refuses(lead, 'Save the reply', 'acknowledge, errors', ['This answer is required.'])
    await lead.go(`/cases/${id}/triage`)
    await lead.tap('radio', 'U1: someone acts at once')
    await refuses(lead, 'Save triage', 'triage, errors', ['This answer is required.'])
    for (const prompt of await lead.page.getByLabel('No', { exact: true }).all()) await prompt.click()
    await refuses(lead, 'Save triage', 'triage, without a reason', ['Say why you decided otherwise'])
    await lead.page.locator('.nhsuk-error-summary a').first().click()
    const focused = await lead.page.evaluate(() => document.activeElement.name)
    expect(focused === 'reason', `the focus is on ${focused}`)
    await lead.type('Why?', 'The ward is still afraid.')
    await lead.tap('button', 'Save triage')
    await lead.go(`/cases/${id}/record-scoping`)
    await lead.typeDay('When did you ask?', { day: 31, month: 2, year: 2026, time: '10:00' })
    await refuses(lead, 'Save what was found', 'scoping, errors', ['Give a date that exists', 'This answer is required.'])
    await lead.go(`/cases/${id}/plan-offer`)
    await lead.tap('radio', 'PETR debrief')
    await lead.page.getByLabel('Who owns it?').selectOption({ label: 'Estates' })
    await lead.type('What is it for?', 'Time to reflect together')
    await refuses(lead, 'Add the offer', 'plan an offer, errors', ['This role cannot own an offer of this kind.'])
    expect(await lead.page.getByLabel('What is it for?').inputValue() === 'Time to reflect together', 'what was typed is gone')
    await lead.page.getByLabel('Who owns it?').selectOption({ label: 'The PIPSS lead' })
    await lead.tap('button', 'Add the offer')
    await lead.reads('The offer is in the plan.')
    await lead.go(`/cases/${id}/end-offer`)
    await lead.tap('radio', 'Handed over to someone else')
    await refuses(lead, 'Save', 'end an offer, errors', ['This answer is required.'])
    await lead.go(`/cases/${id}/log-defusion`)
    await refuses(lead, 'Log the defusion', 'log a defusion, errors', ['This answer is required.'])
    await lead.go(`/cases/${id}/link`)
    await lead.type('Which other case is about it too?', 'PS-NONE')
    await refuses(lead, 'Link the cases', 'link, errors', ['Give the reference of another case'])
    await lead.go(`/cases/${id}/merge`)
    await refuses(lead, 'Merge the case', 'merge, errors', ['This answer is required.'])
    await lead.go(`/cases/${id}/set-bar`)
    await refuses(lead, 'Save', 'set a bar, errors', ['This answer is required.'])
    await lead.go(`/cases/${id}/escalate`)
    await refuses(lead, 'Report it', 'report danger, errors', ['This answer is required.'])
    await lead.close()
  },

  'whoever something speaks against is named, and asked all the same with a reason': async trust => {
    const id = await planned(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}/arrange-session`)
    await refuses(lead, 'Arrange the session', 'arrange, errors', ['This answer is required.'])
    await lead.typeDay('When does it start?', inDays(9, '15:00'))
    await lead.type('Where?', 'Library')
    await lead.tap('checkbox', 'Lee Avocet')
    await lead.tap('checkbox', 'Kim Siskin')
    await lead.tap('radio', 'Managers do not attend')
    await refuses(lead, 'Arrange the session', 'arrange, someone cannot be asked', ['Lee Avocet: Choose someone'])
    await lead.type('Why ask Lee Avocet all the same?', 'The team asked for Lee.')
    await lead.tap('button', 'Arrange the session')
    await lead.reads('The session is arranged.')
    await lead.reads('The team asked for Lee.')
    await lead.close()
  },

  'a session is moved, handed over and cancelled': async trust => {
    const { id, session } = await arranged(trust, 10)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}`)
    await lead.page.getByRole('link', { name: /^Move\b/ }).click()
    await lead.look('move a session')
    await lead.typeDay('When does it start now?', { ...inDays(1, '10:00'), year: 2020 })
    await refuses(lead, 'Move the session', 'move a session, errors', ['Give a time in the future'])
    await lead.typeDay('When does it start now?', inDays(15, '11:30'))
    await lead.tap('button', 'Move the session')
    await lead.reads('The session is moved.')
    await lead.go(`/cases/${id}/sessions/${session}/hand-over`)
    await lead.look('hand over a session')
    await refuses(lead, 'Hand it over', 'hand over a session, errors', ['This answer is required.'])
    await lead.choose('Who can no longer hold it?', 'Kim Siskin')
    await lead.choose('Who takes their place?', 'Alex Kestrel')
    await lead.tap('button', 'Hand it over')
    await lead.reads('The session is handed over.')
    await lead.go(`/cases/${id}/sessions/${session}/cancel`)
    await refuses(lead, 'Cancel the session', 'cancel a session, errors', ['This answer is required.'])
    await lead.tap('radio', 'The service is too busy')
    await lead.tap('button', 'Cancel the session')
    await lead.reads('Cancelled')
    await lead.go(`/cases/${id}/sessions/${session}/move`)
    await lead.typeDay('When does it start now?', inDays(16, '11:30'))
    await refuses(lead, 'Move the session', 'move a session, too late', ['What you can do instead'])
    await lead.close()
  },

  'closing is refused with the reason while something is open, and done when nothing is': async trust => {
    const id = await planned(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}/close`)
    await lead.tap('radio', 'Support was provided')
    await refuses(lead, 'Close the case', 'close, refused', ['Still open: PETR debrief.', 'End an offer, or hand it over'])
    await lead.tap('link', 'End an offer, or hand it over')
    await lead.look('end an offer')
    await lead.tap('radio', 'Declined by the team')
    await lead.type('What was agreed?', 'They will ask again in spring.')
    await lead.tap('button', 'Save')
    await lead.tap('link', 'Close the case')
    await lead.tap('radio', 'The team decided not to go on')
    await lead.tap('button', 'Close the case')
    await lead.reads('The case is closed.')
    await lead.look('case, closed, lead')
    await lead.page.getByText('Everything else you can do').click()
    await lead.tap('link', 'Open the case again')
    await lead.tap('radio', 'The team asked for more')
    await lead.tap('button', 'Open the case again')
    await lead.reads('The case is open again.')
    await lead.close()
  },

  'what was handed over is recorded as done': async trust => {
    const id = await planned(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}/end-offer`)
    await lead.tap('radio', 'Handed over to someone else')
    await lead.page.getByLabel('Who takes it on?').selectOption({ label: 'Estates' })
    await lead.typeDay('By when?', inDays(30))
    await lead.tap('button', 'Save')
    await lead.reads('The offer has ended.')
    await lead.page.getByRole('link', { name: /^Record that it was done/ }).click()
    await lead.look('complete a handover')
    await lead.type('What changed?', 'New lights at the door.')
    await lead.tap('button', 'Save')
    await lead.reads('Handed over and done')
    await lead.close()
  },

  'the second of two leads is told what the first one did, and nothing they wrote is lost': async trust => {
    const id = await raised(trust)
    const first = await trust.person('Alex Kestrel')
    const second = await trust.person('Charlie Dunnock')
    await second.go(`/cases/${id}/triage`)
    await first.go(`/cases/${id}/acknowledge`)
    await first.tap('radio', 'By e-mail')
    await first.tap('button', 'Save the reply')
    for (const prompt of await second.page.getByLabel('No', { exact: true }).all()) await prompt.click()
    await second.type('Why?', 'As suggested.')
    await refuses(second, 'Save triage', 'triage, someone was quicker', ['A person answered whoever asked, by e-mail.'])
    expect(await second.page.getByLabel('Why?').inputValue() === 'As suggested.', 'what was typed is gone')
    await second.tap('button', 'Save triage')
    await second.reads('Triage is recorded.')
    await first.close()
    await second.close()
  },

  'a lead triages with the keyboard alone': async trust => {
    const id = await raised(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}/triage`)
    const { keyboard } = lead.page
    const focused = () => lead.page.evaluate(() => {
      const it = document.activeElement
      return { name: it.name || '', type: it.type || '', text: it.innerText || '' }
    })
    let saved = false
    for (let n = 0; n < 60 && !saved; n++) {
      await keyboard.press('Tab')
      const at = await focused()
      if (at.name.startsWith('contraindications.')) {
        await keyboard.press('Space')
        await keyboard.press('ArrowDown')
      }
      if (at.text === 'Save triage') {
        await keyboard.press('Enter')
        saved = true
      }
    }
    await lead.page.waitForLoadState()
    await lead.reads('Triage is recorded.')
    await lead.close()
  },

  'without scripts, on a phone, a case is scoped and planned': async trust => {
    const id = await raised(trust)
    const lead = await api(trust, 'Alex Kestrel')
    await lead.toCase(id, 'triage', { urgency: 'U3', outcome: 'accept', contraindications: CALM })
    const charlie = await trust.person('Charlie Dunnock', { phone: true, scripts: false })
    await charlie.go(`/cases/${id}`)
    await charlie.look('case, without scripts')
    await charlie.go(`/cases/${id}/record-scoping`)
    await charlie.tap('checkbox', 'The team')
    await charlie.tap('checkbox', 'Bereavement')
    await charlie.tap('button', 'Save what was found')
    await charlie.reads('Bereavement')
    await charlie.tap('link', 'Plan the first offer')
    await charlie.tap('button', 'Add PETR debrief, owned by the PIPSS lead')
    await charlie.reads('The offer is in the plan.')
    await charlie.close()
  },

  'cases of one incident are linked and merged, and both can be undone': async trust => {
    const [here, there] = [await raised(trust), await raised(trust)]
    const asked = await api(trust, 'Alex Kestrel')
    const { reference } = await asked.read(`cases/${there}`)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${here}/link`)
    await lead.look('link')
    await lead.type('Which other case is about it too?', reference.toLowerCase())
    await lead.tap('button', 'Link the cases')
    await lead.look('link, which incident of the other case')
    const theirs = lead.page.getByLabel('Which incident of the other case is the same?')
    await theirs.selectOption({ index: 1 })
    await lead.tap('button', 'Link the cases')
    await lead.reads('The cases are linked.')
    await lead.look('case, linked, lead')
    await lead.page.getByRole('link', { name: /^Undo the link/ }).click()
    await lead.look('unlink')
    await lead.tap('button', 'Undo the link')
    await lead.reads('The link is undone.')
    await lead.go(`/cases/${here}/merge`)
    await lead.type('In which case does the work go on?', reference)
    await lead.tap('button', 'Merge the case')
    await lead.reads('Merged into another case')
    await lead.look('case, merged, lead')
    await lead.tap('link', 'Undo the merge')
    await lead.look('unmerge')
    await lead.tap('button', 'Undo the merge')
    await lead.reads('The case stands by itself again.')
    await lead.close()
  },

  'someone is kept out of a case, and why anyone sees it is told': async trust => {
    const id = await raised(trust)
    const lead = await trust.person('Alex Kestrel')
    await lead.go(`/cases/${id}/set-bar`)
    await lead.tap('radio', 'One person')
    await lead.page.getByLabel('Who?', { exact: true }).selectOption({ label: 'Nic Bittern' })
    await lead.tap('radio', 'They stand too close to it')
    await lead.tap('button', 'Save')
    await lead.reads('They no longer see this case.')
    const nic = await trust.person('Nic Bittern')
    const answer = await nic.go(`/cases/${id}`)
    expect(answer.status() === 404, `it is ${answer.status()}`)
    await lead.go(`/cases/${id}/why`)
    await lead.look('why, not yet asked')
    await lead.page.getByLabel('About whom do you ask?').selectOption({ label: 'Nic Bittern' })
    await lead.tap('button', 'Show why')
    await lead.reads('a bar keeps them from knowing of it')
    await lead.page.getByLabel('About whom do you ask?').selectOption({ label: 'Jo Plover' })
    await lead.tap('button', 'Show why')
    await lead.reads('they manage this team')
    await lead.look('why, a manager')
    const jo = await trust.person('Jo Plover')
    await jo.go(`/cases/${id}/why`)
    await jo.look('why, about oneself')
    await lead.go(`/cases/${id}/lift-bar`)
    await lead.look('lift a bar')
    await lead.tap('radio', 'Nic Bittern')
    await lead.tap('button', 'Lift the bar')
    await lead.reads('The bar is lifted.')
    for (const one of [lead, nic, jo]) await one.close()
  },

  'serious danger is reported by a facilitator and seen to by a lead, and the manager finds nothing': async trust => {
    const { id } = await arranged(trust, 12)
    const kim = await trust.person('Kim Siskin')
    await kim.go(`/cases/${id}/escalate`)
    await kim.look('report danger')
    await kim.tap('radio', 'Someone may harm themselves')
    await kim.tap('radio', 'The crisis team')
    await kim.tap('button', 'Report it')
    await kim.reads('This is recorded for the PIPSS lead')
    expect((await kim.go(`/cases/${id}/escalations`)).status() === 404, 'a facilitator sees the reports')
    const jo = await trust.person('Jo Plover')
    expect((await jo.go(`/cases/${id}/escalations`)).status() === 404, 'a manager sees the reports')
    expect((await jo.go(`/cases/${id}/escalate`)).status() === 404, 'a manager sees the form')
    const lead = await trust.person('Charlie Dunnock')
    await lead.go(`/cases/${id}/escalations`)
    await lead.look('danger, waiting')
    await lead.tap('button', 'Say what was done about it')
    await refuses(lead, 'Save', 'danger, errors', ['This answer is required.'])
    await lead.tap('radio', 'It was passed on')
    await lead.tap('button', 'Save')
    await lead.reads('Seen to')
    await lead.look('danger, seen to')
    for (const one of [kim, jo, lead]) await one.close()
  },

  'whoever asked for it sees what they asked for, and a manager logs a defusion': async trust => {
    const sam = await api(trust, 'Sam Heron')
    const robin = await api(trust, 'Robin Wren')
    const me = await robin.read('me')
    const { case: id } = await sam.give('referrals', {
      team: me.manages[0].team,
      strain: { type: 'sustained_strain', line: 'Many nights with too few of us.' },
      affected: { directly: '11-20', indirectly: 'unknown', groups: ['night_staff'] },
      injuries: 'no', signs_worsening: 'yes', team_aware: 'yes', asked_for: ['manager_consultation'],
      safety: { threat_continuing: 'no', area_safe: 'yes', someone_at_immediate_risk: 'no' }
    })
    const nurse = await trust.person('Sam Heron', { phone: true })
    await nurse.go(`/cases/${id}`)
    await nurse.reads('Many nights with too few of us.')
    await nurse.look('case, raised, whoever asked')
    const manager = await trust.person('Robin Wren')
    await manager.go(`/cases/${id}`)
    await manager.page.getByText('Everything else you can do').click()
    await manager.tap('link', 'Log a defusion that was held')
    await manager.typeDay('When was it held?', { ...inDays(-1, '08:00') })
    await manager.tap('radio', 'A manager')
    await manager.tap('radio', '6 to 10')
    await manager.tap('checkbox', 'Staffing')
    await manager.look('log a defusion')
    await manager.tap('button', 'Log the defusion')
    await manager.reads('The defusion is logged.')
    await manager.look('case, with a defusion, manager')
    await nurse.close()
    await manager.close()
  },

  'it is said whom to ask how the team is doing, and what was agreed is done': async trust => {
    const id = await strokeCase(trust)
    const lead = await trust.person('Charlie Dunnock')
    await lead.go(`/cases/${id}/confirm-follow-up`)
    await refuses(lead, 'Save', 'confirm a follow-up, errors', ['This answer is required.'])
    await lead.tap('radio', 'Robin Wren')
    await lead.tap('button', 'Save')
    await lead.reads('It is recorded whom to ask.')
    const robin = await trust.person('Robin Wren')
    await robin.go(`/cases/${id}`)
    await robin.page.getByRole('link', { name: /^Record that it was done/ }).first().click()
    await robin.look('complete an action')
    await robin.type('What changed?', 'The rota has two of us on every night.')
    await robin.tap('button', 'Save')
    await robin.reads('It is recorded as done.')
    await lead.close()
    await robin.close()
  }
}
