// What is watched over: who looked at what, the breaking of the glass, what is kept and erased, and what is
// written out for whoever asks what is kept about them.

import { api, expect } from './lib.mjs'
import { print } from './paper.mjs'

const MINUTE = 60 * 1000
const DAY = 24 * 60 * MINUTE
/** How far the demonstration's clock was moved. */
let now = Date.now()

async function pass (trust, ms) {
  now = Math.max(now, Date.now()) + ms
  await trust.moveClock(new Date(now).toISOString())
}

/** Sam asks for support for the ward; it happens once. */
let ofSam = null
async function theCase (trust) {
  const sam = await api(trust, 'Sam Heron')
  if (!ofSam) {
    const { teams } = await sam.read('teams')
    ofSam = await sam.give('referrals', {
      team: teams.find(team => team.name === 'Harbour Stroke Ward').team,
      incidents: [{ type: 'assault_physical', occurred: { at: new Date(Date.now() - 2 * DAY).toISOString() }, place: 'inpatient_ward', line: 'Staff were attacked on the night shift.' }],
      affected: { directly: '6-10', indirectly: 'unknown', groups: ['night_staff'] },
      injuries: 'unknown', signs_worsening: 'no', team_aware: 'yes', asked_for: ['petr_debrief'],
      safety: { threat_continuing: 'no', area_safe: 'yes', someone_at_immediate_risk: 'no' }
    })
  }
  return ofSam
}

async function oneToOne (trust) {
  const sam = await api(trust, 'Sam Heron')
  await sam.give('one-to-ones', {
    call_me: 'Sam', letters_to: 'sam.private@example.test', soon: true, note: 'I cannot sleep after the night.'
  })
}

/** Alex asks for Sam's one-to-one from its page. */
async function askForOne (alex) {
  await alex.go('/one-to-ones')
  await alex.tapOn(alex.page.locator('article', { hasText: 'Waits for someone' }).getByRole('link').first())
  await alex.tap('link', 'break the glass')
}

/** Proposes that something be erased, named as people name it. */
async function propose (visitor, what) {
  await visitor.go('/oversight/erasures/new')
  await visitor.type('What? One a line.', what)
  await visitor.choose('Why?', 'It is not needed any more')
  await visitor.tap('button', 'Propose it')
  await visitor.reads('An auditor who did not propose it decides.')
}

/** Approves what waits. */
async function approve (visitor) {
  await visitor.go('/oversight/retention')
  await visitor.tapOn(visitor.page.getByRole('link', { name: /^Decide/ }).first())
  await visitor.choose('Is it to be erased?', 'Yes')
  await visitor.tap('button', 'Record the decision')
  await visitor.reads('Approved, and waits for its time')
}

export const journeys = {
  'an auditor reads who looked at what': async trust => {
    const { case: id, reference } = await theCase(trust)
    const robin = await trust.person('Robin Wren')
    await robin.go(`/cases/${id}`)
    await robin.close()
    const toni = await trust.person('Toni Godwit')
    await toni.tap('link', 'Oversight')
    await toni.tap('link', 'Who looked at what')
    await toni.reads('Nobody is accused by this.')
    await toni.reads('Nothing stands out on this day.')
    await toni.reads(`Case ${reference}`)
    await toni.look('access log')
    await toni.tapOn(toni.page.locator('main table').getByRole('link', { name: /^Robin Wren/ }).first())
    await toni.reads('Reading by one person')
    await toni.look('access log of one person')
    await toni.tapOn(toni.page.locator('main table').getByRole('link', { name: /who else looked at it/ }).first())
    await toni.reads('Reading of one thing')
    await toni.look('access log of one thing')
    await toni.tap('link', 'Show all reading')
    await toni.tap('link', 'The day before')
    await toni.reads('Reading of this day')
    await toni.go('/oversight/access-log?day=2019-01-01')
    await toni.reads('There is none.')
    await toni.look('access log of a day without reading')
    await toni.close()
  },

  'whoever raised a case sees who looked at it, and nobody else does': async trust => {
    const { case: id } = await theCase(trust)
    const sam = await trust.person('Sam Heron')
    await sam.go(`/cases/${id}/why`)
    await sam.tap('link', 'Who has looked at this case')
    await sam.reads('Robin Wren')
    await sam.look('who has looked at a case')
    await sam.close()
    const robin = await trust.person('Robin Wren', { phone: true })
    const answer = await robin.go(`/cases/${id}/readings`)
    expect([403, 404].includes(answer.status()), `it is ${answer.status()}`)
    await robin.look('who has looked is not for a manager')
    await robin.close()
  },

  'a lead asks to break the glass, an auditor decides, and whoever it is about is told': async trust => {
    await oneToOne(trust)
    const alex = await trust.person('Alex Kestrel')
    await askForOne(alex)
    expect(await alex.page.getByLabel('A one-to-one').isChecked(), 'the kind is chosen already')
    expect(await alex.page.getByLabel('Which one?').inputValue() !== '', 'the thing is named already')
    await alex.look('asking to break the glass')
    await alex.tap('button', 'Ask')
    await alex.errorIsFocused()
    await alex.look('asking to break the glass, with errors')
    await alex.type('Why?', 'They did not come to work and nobody reaches them.')
    await alex.choose('Is whoever it is about told?', 'They are told')
    await alex.tap('button', 'Ask')
    await alex.reads('The other auditors are told.')
    await alex.reads('Another auditor is to decide')
    await alex.reads('asked for on')
    await alex.look('breaking the glass, asked')
    await alex.close()

    const toni = await trust.person('Toni Godwit')
    await toni.tap('link', 'Oversight')
    await toni.reads('1 to decide')
    await toni.tap('link', 'Break the glass')
    await toni.doesNotRead('asked for on')
    await toni.look('breaking the glass, to decide')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Decide/ }).first())
    await toni.look('deciding whether the glass is broken')
    await toni.tap('button', 'Record the decision')
    await toni.errorIsFocused()
    await toni.look('deciding whether the glass is broken, with an error')
    await toni.choose('What do you decide?', 'Open it for one hour')
    await toni.tap('button', 'Record the decision')
    await toni.reads('Whoever asked is told.')
    await toni.look('breaking the glass, decided')
    await toni.close()

    const again = await trust.person('Alex Kestrel', { phone: true })
    await again.go('/oversight/break-glass')
    await again.tapOn(again.page.getByRole('link', { name: /^Open it/ }).first())
    await again.reads('I cannot sleep after the night.')
    await again.look('what the broken glass opens, a one-to-one')
    await again.close()

    const sam = await trust.person('Sam Heron', { phone: true })
    await sam.go('/my-support')
    await sam.reads('Alex Kestrel')
    await sam.reads('with the leave of an auditor')
    await sam.look('my support, who has looked')
    await sam.close()

    const auditor = await trust.person('Toni Godwit')
    await auditor.go('/oversight/access-log')
    await auditor.doesNotRead('Nothing stands out')
    await auditor.look('access log with reading to ask about')
    await auditor.tapOn(auditor.page.getByRole('link', { name: /^Show the reading/ }).first())
    await auditor.reads('Show all reading')
    await auditor.close()
  },

  'where a life is at risk it opens at once, and an auditor reviews it': async trust => {
    const alex = await trust.person('Alex Kestrel', { phone: true })
    await askForOne(alex)
    await alex.type('Why?', 'They rang and said that they do not want to live.')
    await alex.tapOn(alex.page.getByLabel('A life is at risk: I need it at once'))
    await alex.choose('Is whoever it is about told?', 'They are told')
    await alex.tap('button', 'Ask')
    await alex.reads('a life at risk')
    await alex.look('breaking the glass at once')
    await alex.close()
    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight')
    await toni.reads('1 to review')
    await toni.tap('link', 'Break the glass')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Review/ }).first())
    await toni.look('reviewing what was opened at once')
    await toni.tap('button', 'Record the review')
    await toni.errorIsFocused()
    await toni.choose('What did you find?', 'There was a good reason')
    await toni.tap('button', 'Record the review')
    await toni.reads('There was a good reason')
    await toni.look('breaking the glass, reviewed')
    await toni.close()
  },

  'an auditor names a case by its reference, and one who sees it anyway is told so': async trust => {
    const { reference } = await theCase(trust)
    const fill = async visitor => {
      await visitor.go('/oversight/break-glass/new')
      await visitor.choose('What do you need to see?', 'A case')
      await visitor.type('Which one?', reference.toLowerCase())
      await visitor.type('Why?', 'A claim says that the texts are not as they were.')
      await visitor.tapOn(visitor.page.getByLabel('A life is at risk: I need it at once'))
      await visitor.choose('Is whoever it is about told?', 'They are told')
      await visitor.tap('button', 'Ask')
    }
    const alex = await trust.person('Alex Kestrel')
    await fill(alex)
    await alex.errorIsFocused()
    await alex.reads('You can see this without breaking the glass.')
    await alex.close()
    const toni = await trust.person('Toni Godwit')
    await fill(toni)
    await toni.tapOn(toni.page.getByRole('link', { name: /^Open it/ }).first())
    await toni.look('what the broken glass opens, a case')
    await toni.close()
  },

  'a manager cannot break the glass, nor read what is kept': async trust => {
    const robin = await trust.person('Robin Wren')
    for (const path of ['break-glass', 'break-glass/new', 'access-log', 'retention', 'subject-access', 'proof']) {
      const answer = await robin.go(`/oversight/${path}`)
      expect(answer.status() === 403, `${path}: it is ${answer.status()}`)
    }
    await robin.look('oversight is not for a manager')
    await robin.close()
  },

  'a lead holds something for the law, and an auditor lifts it': async trust => {
    const { reference } = await theCase(trust)
    const alex = await trust.person('Alex Kestrel')
    await alex.go('/oversight/holds/new')
    await alex.look('holding for the law')
    await alex.type('What?', 'PS-00000-00000')
    await alex.tap('button', 'Hold it')
    await alex.errorIsFocused()
    await alex.look('holding for the law, with errors')
    await alex.type('What?', reference)
    await alex.choose('On what ground in law?', 'An inquest')
    await alex.type('Why?', 'The coroner opened an inquest in spring.')
    await alex.tap('button', 'Hold it')
    await alex.reads('until somebody else lifts the hold')
    await alex.close()
    const toni = await trust.person('Toni Godwit')
    await toni.tap('link', 'Oversight')
    await toni.tap('link', 'What is kept and erased')
    await toni.reads('An inquest')
    await toni.reads(`Texts of case ${reference}`)
    await toni.look('what is kept and erased, with a hold')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Lift/ }).first())
    await toni.look('lifting a hold')
    await toni.tap('button', 'Lift it')
    await toni.errorIsFocused()
    await toni.type('Why?', 'The inquest is over.')
    await toni.tap('button', 'Lift it')
    await toni.reads('Lifted because')
    await toni.look('what is kept and erased, with a hold that was lifted')
    await toni.close()
  },

  'an auditor says for how long something is kept': async trust => {
    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight/retention')
    await toni.tap('link', 'Say for how long something is kept')
    await toni.look('saying for how long something is kept')
    await toni.choose('What?', 'Who read what, from the end of its month')
    await toni.type('For how many years?', '31')
    await toni.tap('button', 'Save')
    await toni.errorIsFocused()
    await toni.reads('Give 1 to 30 years.')
    await toni.look('saying for how long something is kept, with an error')
    await toni.type('For how many years?', '1')
    await toni.tap('button', 'Save')
    await toni.reads('It counts from now on.')
    await toni.close()
  },

  'what is kept about someone is written out for them': async trust => {
    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight/retention')
    await toni.tap('link', 'Write out what is kept about a person')
    await toni.look('writing out what is kept about a person')
    await toni.type('Whose?', 'nobody@example.test')
    await toni.tap('button', 'Write it out')
    await toni.errorIsFocused()
    await toni.look('writing out what is kept about a person, with an error')
    await toni.type('Whose?', 'sam.heron@example.test')
    await toni.tap('button', 'Write it out')
    await toni.reads('What is kept about you')
    await toni.reads('Sam Heron')
    await toni.look('what is kept about you')
    await print(toni, 'what is kept about you on paper')
    await toni.close()
  },

  'a lead proposes an erasure, an auditor approves it, withdraws it, and another is carried out': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.go('/oversight/erasures/new')
    await alex.look('proposing an erasure')
    await alex.type('What? One a line.', 'nobody@example.test')
    await alex.tap('button', 'Propose it')
    await alex.errorIsFocused()
    await alex.look('proposing an erasure, with errors')
    expect(await alex.page.getByLabel('What? One a line.').inputValue() === 'nobody@example.test', 'what was typed is kept')
    const { reference } = await theCase(trust)
    await alex.type('What? One a line.', reference)
    await alex.choose('Why?', 'It is not needed any more')
    await alex.tap('button', 'Propose it')
    await alex.reads('Close the case first.')
    expect(await alex.page.getByLabel('What? One a line.').inputValue() === reference, 'a reference stays a reference')
    await propose(alex, 'sam.heron@example.test')

    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight/retention')
    await toni.reads('Name, address and sign-in of Sam Heron')
    await toni.look('what is kept and erased, with an erasure to decide')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Decide/ }).first())
    await toni.look('deciding an erasure')
    await toni.tap('button', 'Record the decision')
    await toni.errorIsFocused()
    await approve(toni)
    await toni.look('what is kept and erased, with an erasure approved')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Withdraw/ }).first())
    await toni.look('withdrawing an erasure')
    await toni.tap('button', 'Withdraw it')
    await toni.reads('Nothing is erased.')
    await propose(alex, 'sam.heron@example.test')
    await approve(toni)
    await alex.close()
    await toni.close()

    await pass(trust, 8 * DAY)
    const later = await trust.person('Toni Godwit')
    await later.go('/oversight/retention')
    await later.reads('Certificate of erasure')
    await later.look('a certificate of erasure')
    await print(later, 'a certificate of erasure on paper')
    await later.close()
  },

  'what was kept long enough is proposed, and an auditor who did not propose it decides': async trust => {
    const month = new Date().toISOString().slice(0, 7)
    const words = new Date().toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })
    await pass(trust, 800 * DAY)
    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight/retention')
    await toni.tap('link', 'Propose what is due to be erased')
    await toni.look('proposing what is due')
    await toni.tap('button', 'Propose it')
    await toni.errorIsFocused()
    await toni.tapOn(toni.page.getByRole('checkbox').first())
    await toni.tap('button', 'Propose it')
    await toni.reads('An auditor who did not propose it decides.')
    await toni.look('what is kept and erased, with what is due')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Withdraw/ }).first())
    await toni.tap('button', 'Withdraw it')
    await toni.reads('Nothing is erased.')
    const alex = await trust.person('Alex Kestrel')
    await propose(alex, `access/${month}`)
    await alex.close()
    await approve(toni)
    await toni.close()
    await pass(trust, 8 * DAY)
    const later = await trust.person('Toni Godwit')
    await later.go('/oversight/retention')
    await later.reads(`Who read what in ${words}`)
    await later.doesNotRead('waits for its time')
    await later.look('a certificate for who read what')
    await later.go('/oversight/access-log')
    await later.look('access log after its erasure')
    await later.close()
  }
}
