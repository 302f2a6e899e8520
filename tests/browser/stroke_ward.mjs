// The stroke ward's story, worked from the request to the follow-up through the pages alone.

import { expect } from './lib.mjs'

const DAY = 86400000
/** The demonstration's clock: it began when the test did, and only moves forward. */
let now = Date.now()

async function wait (trust, days, hours = 0) {
  now += days * DAY + hours * DAY / 24
  await trust.moveClock(new Date(now).toISOString())
}

/** A day, and 10:00 of it unless another time is given, as people in London type it. */
function typed (days, time = '10:00') {
  const at = new Date(now + days * DAY)
  const part = name => Number(new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', [name]: 'numeric' }).format(at))
  return { day: part('day'), month: part('month'), year: part('year'), time }
}


/** Robin asks, asking only for a PETR debrief; answers where the case is. */
async function raise (trust) {
  const robin = await trust.person('Robin Wren', { phone: true })
  await robin.go('/ask')
  await robin.choose('Which team is it for?', 'Harbour Stroke Ward')
  await robin.choose('What is it about?', 'Violence or abuse')
  await robin.choose('Which of these is nearest?', 'Physical assault')
  await robin.tap('button', 'Continue')
  await robin.choose('When did it happen?', 'Yesterday')
  await robin.choose('Where did it happen?', 'An inpatient ward')
  await robin.page.getByText('Say more about it').click()
  await robin.type('What happened, in one line', 'A very unwell patient attacked staff on the night shift.')
  await robin.type('Its reference in the incident system', 'W-20417')
  await robin.tap('button', 'Continue')
  await robin.choose('Is everyone safe now?', 'No, or I am not sure')
  await robin.choose('Does the threat go on?', 'No')
  await robin.choose('Is the place safe?', 'No')
  await robin.choose('Is someone at immediate risk?', 'No')
  await robin.choose('How many staff were there, or directly affected?', '6 to 10')
  await robin.choose('How many others are affected?', '11 to 20')
  await robin.choose('Was anyone hurt?', 'Yes, but nobody is in hospital')
  await robin.choose('Are people getting worse rather than better?', 'Yes')
  await robin.tap('button', 'Continue')
  await robin.reads('Do not wait for an answer to your request.')
  await robin.tap('button', 'I have done this, or it is not needed: continue')
  await robin.choose('What do you ask for?', 'PETR debrief')
  await robin.choose('Does the team know that you ask?', 'Yes')
  await robin.tap('button', 'Continue')
  await robin.tap('button', 'Send the request')
  await robin.reads('Your request has arrived')
  const at = new URL(robin.page.url()).pathname.replace('/receipt', '')
  await robin.close()
  return at
}

/** The lead answers, triages as the program suggests, and records what the team needs. */
async function scope (trust, at) {
  const alex = await trust.person('Alex Kestrel')
  await alex.go('/queue')
  await alex.page.getByRole('link', { name: /Harbour Stroke Ward/ }).first().click()
  await alex.tap('button', 'Record the reply to whoever asked')
  await alex.tap('radio', 'By telephone')
  await alex.tap('button', 'Save the reply')
  await alex.tap('button', 'Triage this request')
  await alex.reads('U1')
  for (const prompt of await alex.page.getByLabel('No', { exact: true }).all()) await alex.tapOn(prompt)
  await alex.tap('button', 'Save triage')
  await wait(trust, 1)
  await alex.go(at)
  await alex.tap('button', 'Record what the team needs')
  await alex.tap('checkbox', 'The managers')
  for (const need of ['Bereavement', 'Feeling unsafe', 'Handover']) await alex.tap('checkbox', need)
  await alex.tap('button', 'Save what was found')
  return alex
}

const OFFERS = [
  ['PETR debrief', 'The PIPSS lead', 'Reflection with a focus on bereavement'],
  ['One-to-one support', 'The counselling service', ''],
  ['Liaison with another service', 'The security management adviser', 'Safer nights at the site'],
  ['Training', 'The training department', 'Disengagement and physical hold skills'],
  ['A change in how things are done', 'Ward management', 'Handover of patients who are a high risk']
]

/** Five offers of five owners, and the debrief arranged with a counsellor from outside. */
async function plan (alex, at) {
  for (const [kind, owner, aim] of OFFERS) {
    await alex.go(`${at}/plan-offer`)
    await alex.tapOn(alex.page.getByRole('radio', { name: kind, exact: false }).first())
    await alex.page.getByLabel('Who owns it?').selectOption({ label: owner })
    if (aim) await alex.type('What is it for?', aim)
    await alex.tap('button', 'Add the offer')
    await alex.reads('The offer is in the plan.')
  }
  await alex.go(`${at}/arrange-session`)
  await alex.typeDay('When does it start?', typed(7))
  await alex.type('Where?', 'Garden Room')
  await alex.tap('checkbox', 'Alex Kestrel')
  await alex.tap('checkbox', 'Kim Siskin')
  await alex.tap('radio', 'Managers do not attend')
  await alex.tap('button', 'Arrange the session')
  await alex.reads('The session is arranged.')
  await alex.look('stroke ward, planned')
}

/** The counsellor from outside sees her session and nothing else, and records it. */
async function hold (trust, at) {
  const kim = await trust.person('Kim Siskin', { phone: true })
  await kim.go('/sessions')
  await kim.page.getByRole('button', { name: /^Accept or decline/ }).click()
  await kim.tapOn(kim.page.getByLabel('Yes', { exact: true }))
  await kim.tap('button', 'Send')
  await kim.go(at)
  for (const secret of ['Disengagement', 'Safer nights', 'very unwell patient', 'U1']) await kim.doesNotRead(secret)
  await wait(trust, 7, 23)
  await kim.go('/sessions')
  await kim.tapOn(kim.page.getByRole('button', { name: /^Record/ }))
  await kim.choose('How many people were there?', '9')
  await kim.choose('Which phases did you cover?', 'All six')
  await kim.tapOn(kim.page.getByText('Thoughts and feelings', { exact: true }))
  await kim.choose('Bereavement', 'Difficulty')
  await kim.choose('Feeling unsafe', 'Difficulty')
  await kim.tap('button', 'Record the session')
  await kim.reads('The session is recorded')
  await kim.close()
}

/** Each offer ends in its own way: in the order of the plan, whatever is still open is asked about. */
async function end (alex, at) {
  await alex.go(`${at}/close`)
  await alex.tap('radio', 'Support was provided')
  await alex.tap('button', 'Close the case')
  await alex.reads('Still open')
  const ends = [['One-to-one support', 'Done'], ['Liaison with another service', 'Handed over to someone else'],
    ['Training', 'Done'], ['A change in how things are done', 'Done']]
  for (const [kind, how] of ends) {
    await alex.go(`${at}/end-offer`)
    const which = alex.page.getByRole('radio', { name: kind, exact: false })
    if (await which.count() > 0) await alex.tapOn(which.first())
    await alex.tap('radio', how)
    if (how.startsWith('Handed')) {
      await alex.page.getByLabel('Who takes it on?').selectOption({ label: 'The security management adviser' })
      await alex.typeDay('By when?', { ...typed(20), time: undefined })
    }
    await alex.tap('button', 'Save')
    await alex.reads('The offer has ended.')
  }
  await alex.go(`${at}/close`)
  await alex.tap('radio', 'Support was provided')
  await alex.tap('button', 'Close the case')
  await alex.reads('The case is closed.')
  await alex.look('stroke ward, closed')
}

/** Four weeks on: the lead says whom to ask, and that manager answers in a few taps. */
async function follow (trust, alex, at) {
  await wait(trust, 21)
  await alex.close()
  const lead = await trust.person('Alex Kestrel')
  await lead.go(`${at}/confirm-follow-up`)
  await lead.tap('radio', 'Robin Wren')
  await lead.tap('button', 'Save')
  await lead.reads('It is recorded whom to ask.')
  await lead.close()
  const robin = await trust.person('Robin Wren', { phone: true })
  await robin.go(`${at}/answer-follow-up`)
  await robin.look('stroke ward, four weeks on')
  for (const group of await robin.page.getByRole('group').all()) await robin.tapOn(group.getByRole('radio').first())
  await robin.tapOn(robin.page.locator('main button[type=submit], main form button').last())
  await robin.go('/teams')
  await robin.tap('link', 'Harbour Stroke Ward')
  const story = await robin.text()
  const order = ['was asked for', 'triaged', 'Arranged: PETR debrief', 'Held: PETR debrief', 'closed']
  const places = order.map(words => story.indexOf(words))
  expect(places.every((place, n) => place >= 0 && (n === 0 || place > places[n - 1])), `${places}\n${story}`)
  await robin.look('stroke ward, the whole story')
  await robin.close()
}

export const journeys = {
  'the story of the stroke ward is worked from start to finish in the browser alone': async trust => {
    now = Date.now()
    const at = await raise(trust)
    const alex = await scope(trust, at)
    await plan(alex, at)
    await hold(trust, at)
    await end(alex, at)
    await follow(trust, alex, at)
  }
}
