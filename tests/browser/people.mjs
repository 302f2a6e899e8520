// What facilitators do (their sessions, the record, feedback codes), and what people ask for themselves.

import { api, expect, tabTo } from './lib.mjs'

/** Someone at the JSON interface, who says where with a path from its root. */
async function at (trust, name) {
  const who = await api(trust, name)
  const ask = (path, body) => body ? who.give(path.slice(1), body) : who.read(path.slice(1))
  const give = async (path, command, body) => who.give(`${path.slice(1)}/${command}`, body, (await ask(path)).version)
  return { ...who, ask, give }
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

/** Everything a manager can reach from the first page, without what is drawn anew each time. */
async function pagesOf (manager) {
  const chance = /nonce="[^"]*"|name="(csrf|draft)" value="[^"]*"/g
  const pages = new Map()
  const waiting = ['/', '/teams', '/one-to-ones', '/supervision/ask', '/support', '/my-support', '/sessions', '/queue']
  while (waiting.length > 0 && pages.size < 60) {
    const path = waiting.shift()
    if (pages.has(path)) continue
    const response = await manager.context.request.get(path)
    const html = (await response.text()).replace(chance, '')
    pages.set(path, `${response.status()} ${html}`)
    for (const [, link] of html.matchAll(/href="(\/[^"#]*)"/g)) {
      if (!link.startsWith('/static/')) waiting.push(link.replaceAll('&amp;', '&'))
    }
  }
  return pages
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
    await kim.isFocused('pipss-look-again')
    await kim.look('record a session, asked kindly')
    await kim.tap('link', 'This looks like a phone number. The record keeps none. Change it, or send it as it is.')
    await kim.tap('button', 'Record the session')
    await kim.reads('The session is recorded')
    await kim.close()
  },

  'a session that was not held is recorded with a reason, without scripts': async trust => {
    const of = await arranged(trust, 30)
    await moveTo(trust, of.startsAt + 2 * HOUR)
    const ash = await trust.person('Ash Linnet', { scripts: false, phone: true })
    await ash.go('/sessions')
    await ash.page.getByRole('link', { name: /^Not held/ }).first().click()
    await ash.look('not held')
    await ash.tap('button', 'Record that it was not held')
    await ash.reads('This answer is required.')
    await ash.tapOn(ash.page.getByLabel('The service was too busy'))
    await ash.tap('button', 'Record that it was not held')
    await ash.reads('That is normal')
    await ash.close()
  },

  'codes are made with one tap, answered by nobody in particular, and work once': async trust => {
    const of = await arranged(trust, 34)
    await moveTo(trust, of.startsAt + HOUR)
    const kim = await trust.person('Kim Siskin', { phone: true })
    await kim.go(`/cases/${of.case}/sessions/${of.session}/feedback-codes`)
    await kim.look('how many feedback codes')
    await kim.choose('How many people were there?', '3')
    await kim.tap('button', 'Make the codes')
    await kim.look('feedback codes')
    const codes = await kim.page.locator('.pipss-slip__code').allInnerTexts()
    expect(codes.length === 3, codes.join())
    await kim.close()
    const someone = await trust.visitor({ phone: true })
    await someone.go(`/feedback#${codes[0]}`)
    await someone.look('feedback')
    expect((await someone.page.getByLabel('Your code').inputValue()) === codes[0], 'the code is filled in')
    expect(!someone.page.url().includes(codes[0]), 'the code is not left in the address')
    await someone.tap('button', 'Send')
    await someone.errorIsFocused()
    await someone.look('feedback with errors')
    const answer = async helpful => {
      await someone.choose('How helpful was it?', helpful)
      await someone.choose('How safe was it to speak?', '5')
      await someone.choose('Do you know where to get more help?', 'Yes')
      await someone.choose('When did it come?', 'At the right time')
      await someone.choose('Would you recommend it?', 'Yes')
      await someone.tap('button', 'Send')
    }
    someone.startCounting()
    await answer('4')
    trust.budgeted('taps to give feedback', someone.taps)
    await someone.reads('Your answers are kept')
    await someone.look('thank you for feedback')
    await someone.go('/feedback')
    await someone.type('Your code', codes[0])
    await answer('2')
    await someone.reads('This code was used already.')
    await someone.look('feedback with a code that was used')
    await someone.close()
  },

  'a manager’s pages have nothing of a one-to-one that was just asked for': async trust => {
    const robin = await trust.person('Robin Wren')
    const before = await pagesOf(robin)
    const sam = await trust.person('Sam Heron', { phone: true })
    await sam.go('/support')
    const text = await sam.text()
    expect(text.indexOf('If it cannot wait') < text.indexOf('What would you like to be called?'), 'the numbers come first')
    await sam.look('ask for one-to-one support')
    sam.startCounting()
    await sam.tap('button', 'Ask for support')
    await sam.errorIsFocused()
    await sam.look('ask for one-to-one support with errors')
    await sam.type('What would you like to be called?', 'Sam')
    await sam.tapOn(sam.page.getByLabel('Ring me'))
    await sam.type('Your number', '07700 900123')
    await sam.tapOn(sam.page.getByLabel('I would like to hear within two working days'))
    await sam.page.getByText('More, only if you want').click()
    await sam.page.getByLabel('Which is your team?').selectOption({ label: 'Harbour Stroke Ward' })
    await sam.tap('button', 'Ask for support')
    await sam.reads('You have asked for one-to-one support')
    await sam.reads('Nobody has been asked to support you yet')
    await sam.look('my support')
    await sam.close()
    const after = await pagesOf(robin)
    for (const [path, page] of before) expect(page === after.get(path), `${path} is not the same as before`)
    expect(before.size > 8, `${before.size} pages were compared`)
    await robin.close()
  },

  'a lead asks someone to provide it, and they see it through': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.go('/one-to-ones')
    await alex.reads('Not who, and not what was said')
    await alex.doesNotRead('07700 900123')
    await alex.look('one-to-ones of a lead')
    await alex.tapOn(alex.page.locator('article', { hasText: 'Waits for someone' }).getByRole('link').first())
    await alex.look('a one-to-one for a lead')
    await alex.tap('link', 'Ask someone to provide it')
    await alex.page.getByLabel('Who could provide it?').selectOption({ label: 'Kim Siskin (from outside the trust)' })
    await alex.look('ask someone to provide it')
    await alex.tap('button', 'Ask them')
    await alex.reads('They are asked to get in touch.')
    await alex.doesNotRead('07700 900123')
    const path = new URL(alex.page.url()).pathname
    await alex.close()
    const kim = await trust.person('Kim Siskin', { phone: true })
    await kim.go('/one-to-ones')
    await kim.look('one-to-ones of a provider')
    await kim.go(path)
    await kim.reads('07700 900123')
    await kim.look('a one-to-one for its provider')
    await kim.tap('link', 'Say when you meet')
    const day = new Date(moved + 72 * HOUR)
    await kim.typeDay('When do you meet?', {
      day: day.getUTCDate(), month: day.getUTCMonth() + 1, year: day.getUTCFullYear(), time: '15:00'
    })
    await kim.look('say when you meet')
    await kim.tap('button', 'Save')
    await kim.reads('The time is in your diary.')
    await kim.go('/sessions')
    await kim.reads('One-to-one appointments')
    await kim.look('my sessions with an appointment')
    await kim.go(path)
    await kim.tap('link', 'You have spoken, and it goes on')
    await kim.look('you have spoken')
    await kim.tap('button', 'Yes, it goes on')
    await kim.tap('link', 'Someone may be in danger')
    await kim.look('someone may be in danger')
    await kim.tapOn(kim.page.getByLabel('Yes', { exact: true }))
    await kim.tap('button', 'Save')
    await kim.tap('link', 'It has ended')
    await kim.tapOn(kim.page.getByLabel('Completed'))
    await kim.tap('button', 'Save')
    await kim.reads('Say first that they are not any more.')
    await kim.errorIsFocused()
    await kim.look('it cannot end yet')
    await kim.close()
    const sam = await trust.person('Sam Heron')
    await sam.go('/my-support')
    await sam.reads('You and Kim Siskin have spoken, and it goes on.')
    await sam.doesNotRead('may be in danger')
    await sam.tap('link', 'I do not want this any more')
    await sam.look('I do not want this any more')
    await sam.tap('button', 'Save')
    await sam.reads('You said that you do not want it now')
    await sam.close()
  },

  'a manager who ran a defusion asks for supervision by the keyboard alone': async trust => {
    const robin = await trust.person('Robin Wren')
    await robin.go('/supervision/ask')
    await robin.look('ask for supervision')
    const { keyboard } = robin.page
    const to = label => tabTo(robin.page, label)
    await to('After a session')
    await keyboard.press('ArrowDown')
    await to('Anything that helps')
    await keyboard.type('Mornings are best.')
    await to('Ask for supervision')
    await keyboard.press('Enter')
    await robin.page.getByText('The supervision lead sees your request').waitFor()
    await robin.reads('The supervision lead sees your request')
    await robin.close()
  },

  'a facilitator plans leave and hears what falls into it': async trust => {
    const of = await arranged(trust, 40)
    const lee = await trust.person('Lee Avocet')
    await lee.go('/sessions')
    await lee.reads('Nothing is arranged for you.')
    await lee.look('my sessions, none')
    await lee.close()
    const ash = await trust.person('Ash Linnet')
    await ash.go('/sessions/leave')
    await ash.tap('button', 'Save')
    await ash.errorIsFocused()
    await ash.look('plan leave with errors')
    const day = new Date(of.startsAt)
    for (const question of ['First day', 'Last day']) {
      await ash.typeDay(question, { day: day.getUTCDate(), month: day.getUTCMonth() + 1, year: day.getUTCFullYear() })
    }
    await ash.tap('button', 'Save')
    await ash.reads('One session falls into leave')
    await ash.reads('This falls into your leave')
    await ash.look('my sessions with leave')
    await ash.tap('link', 'Cancel leave')
    await ash.look('cancel leave')
    await ash.page.getByRole('radio').first().click()
    await ash.tap('button', 'Cancel this leave')
    await ash.reads('The leave is cancelled.')
    await ash.close()
  },

  'whoever asked for nothing is told so, and a stranger to all this sees nothing': async trust => {
    const jo = await trust.person('Jo Plover')
    await jo.go('/my-support')
    await jo.reads('You have not asked')
    await jo.look('my support, none')
    for (const path of ['/sessions', '/sessions/leave']) {
      const response = await jo.go(path)
      expect(response.status() === 403, `${path}: ${response.status()}`)
    }
    const response = await jo.go('/one-to-ones/0c3f0672-017b-4560-a428-28cf5b1b933a')
    expect(response.status() === 404, `${response.status()}`)
    await jo.close()
  }
}
