// What those see who look after the pathway: governance, the supervision lead, the auditor, the administrator.

import { api, expect, tabTo } from './lib.mjs'
import { print } from './paper.mjs'

/** Every number of a chart stands in the table beside it, and what is hidden has no length. */
async function chartsAgreeWithTables (visitor) {
  const wrong = await visitor.page.evaluate(() => {
    const wrong = []
    for (const figures of document.querySelectorAll('.pipss-figures')) {
      const svg = figures.querySelector('svg')
      if (!svg) continue
      const words = figures.querySelector('table').innerText
      if (!svg.querySelector('title').textContent) wrong.push('a chart has no title')
      const bars = svg.querySelectorAll('rect').length
      const texts = [...svg.querySelectorAll('text')].map(text => text.textContent)
      const numbers = texts.filter(text => /^\d+( |$)/.test(text))
      if (numbers.length < bars) wrong.push(`${bars} bars and ${numbers.length} numbers`)
      for (const text of numbers) {
        const number = text.split(' ')[0]
        if (!words.includes(number)) wrong.push(`${text} is not in the table`)
      }
      if (svg.querySelector('[style]')) wrong.push('a chart has a style attribute')
    }
    return wrong
  })
  expect(wrong.length === 0, wrong.join('; '))
}

const inDays = days => {
  const at = new Date(Date.now() + days * 86400000)
  return { day: at.getUTCDate(), month: at.getUTCMonth() + 1, year: at.getUTCFullYear() }
}

export const journeys = {
  'governance reads the report of a quarter, on a screen and on paper': async trust => {
    const max = await trust.person('Max Dipper')
    await max.tap('link', 'Reports')
    await chartsAgreeWithTables(max)
    await max.look('reports')
    const quarters = await max.page.locator('main table a').allInnerTexts()
    expect(quarters.length === 8, `${quarters.length} quarters`)
    await max.tap('link', quarters[1])
    await max.reads('Requests for support')
    await max.reads('What is not shown, and why')
    await max.doesNotRead('For the lead only')
    await chartsAgreeWithTables(max)
    await max.look('report of a quarter')
    trust.budgeted('taps from signing in to a report', max.taps)
    await print(max, 'report of a quarter on paper')
    await max.close()
  },

  'a quarter without data says so, and one that is not over is not there': async trust => {
    const max = await trust.person('Max Dipper')
    await max.go('/reports/2019-Q1')
    await max.reads('Nobody asked for support in this quarter.')
    await max.look('report of an empty quarter')
    const later = await max.go('/reports/2099-Q1')
    expect(later.status() === 404, `it is ${later.status()}`)
    await max.close()
  },

  'the lead also reads the waits': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.go('/reports')
    const quarters = await alex.page.locator('main table a').allInnerTexts()
    await alex.tap('link', quarters[1])
    await alex.reads('For the lead only')
    await alex.reads('Nine in ten took at most')
    await chartsAgreeWithTables(alex)
    await alex.look('report with waits')
    await alex.close()
  },

  'a manager has no reports': async trust => {
    const robin = await trust.person('Robin Wren')
    const answer = await robin.go('/reports')
    expect(answer.status() === 403, `it is ${answer.status()}`)
    await robin.look('reports are not for a manager')
    await robin.close()
  },

  'the supervision lead answers a private request and closes it': async trust => {
    const ash = await api(trust, 'Ash Linnet')
    await ash.give('supervision', { after: 'session', wish: 'as_soon_as_possible', note: 'I can come on Thursday afternoons.' })
    const pat = await trust.person('Pat Curlew')
    await pat.tap('link', 'Supervision')
    await pat.reads('I can come on Thursday afternoons.')
    await pat.look('supervision requests')
    await pat.tapOn(pat.page.getByRole('link', { name: /^Answer/ }).first())
    await pat.look('answering a request for supervision')
    await pat.tap('button', 'Save')
    await pat.errorIsFocused()
    await pat.look('answering a request for supervision, with an error')
    await pat.choose('What can you do?', 'A time is arranged')
    await pat.typeDay('When will it be?', { ...inDays(-3), time: '14:00' })
    await pat.tap('button', 'Save')
    await pat.errorIsFocused()
    await pat.reads('Give a time in the future, within a year.')
    await pat.tapOn(pat.page.getByRole('link', { name: 'Give a time in the future, within a year.' }))
    expect(await pat.page.evaluate(() => document.activeElement.id) === 'at-day', 'the error does not lead to its question')
    expect(await pat.page.getByLabel('Time', { exact: true }).inputValue() === '14:00', 'what was typed is gone')
    await pat.typeDay('When will it be?', { ...inDays(9), time: '14:00' })
    await pat.tap('button', 'Save')
    await pat.reads('A time is arranged')
    await pat.look('supervision arranged')
    await pat.tapOn(pat.page.getByRole('link', { name: /^Close/ }).first())
    await pat.look('closing a request for supervision')
    await pat.choose('What became of it?', 'It took place')
    await pat.tap('button', 'Close the request')
    await pat.reads('Closed: it took place')
    await pat.look('supervision closed')
    await pat.close()
  },

  'whoever asked for supervision sees it and withdraws it, without scripts': async trust => {
    const robin = await api(trust, 'Robin Wren')
    await robin.give('supervision', { after: 'defusion', wish: 'when_convenient' })
    const manager = await trust.person('Robin Wren', { scripts: false, phone: true })
    await manager.go('/supervision')
    await manager.look('own request for supervision')
    await manager.tapOn(manager.page.getByRole('link', { name: /^Withdraw/ }).first())
    await manager.tapOn(manager.page.getByLabel('I no longer need it'))
    await manager.tap('button', 'Close the request')
    await manager.reads('The request is closed.')
    await manager.close()
  },

  'the supervision lead can do all of it with the keyboard alone': async trust => {
    const kim = await api(trust, 'Kim Siskin')
    await kim.give('supervision', { after: 'other', wish: 'when_convenient' })
    const pat = await trust.person('Pat Curlew')
    const { page } = pat
    const enter = async () => {
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
    }
    await pat.go('/supervision')
    await tabTo(page, 'Answer')
    await enter()
    await tabTo(page, 'A time is arranged')
    await page.keyboard.press('ArrowDown')
    await tabTo(page, 'Save')
    await enter()
    await pat.reads('Someone else will see to it')
    await pat.close()
  },

  'the lead proposes a role, the auditor approves it and ends it again': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.tap('link', 'Roles')
    await alex.look('who holds what')
    await alex.tap('link', 'Propose a role')
    await alex.look('proposing a role')
    await alex.type('Their e-mail address at work', 'alex.kestrel@example.test')
    await alex.choose('Which role?', 'PIPSS lead')
    await alex.tap('button', 'Propose')
    await alex.errorIsFocused()
    await alex.reads('Nobody proposes a role for themselves.')
    await alex.look('proposing a role, with errors')
    await alex.type('Their e-mail address at work', 'jo.plover@example.test')
    await alex.typeDay('The last day (optional)', inDays(60))
    await alex.tap('button', 'Propose')
    await alex.reads('Proposed. An auditor decides.')
    await alex.look('a role is proposed')
    await alex.go('/grants/propose')
    await alex.type('Their e-mail address at work', 'new.person@example.test')
    await alex.choose('Which role?', 'Governance')
    await alex.tap('button', 'Propose')
    await alex.close()

    const toni = await trust.person('Toni Godwit')
    await toni.tap('link', 'Oversight')
    await toni.reads('Jo Plover: PIPSS lead')
    await toni.look('oversight')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Approve.*new.person@example.test/s }))
    await toni.reads('new.person@example.test')
    await toni.go('/oversight')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Refuse.*new.person@example.test/s }))
    await toni.tap('button', 'Refuse')
    await toni.reads('Refused. It can be proposed again.')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Approve.*Jo Plover/s }))
    await toni.reads('Which role do you approve?')
    await toni.look('approving a role')
    await toni.tap('button', 'Approve')
    await toni.reads('Approved. They have the role from now on.')
    await toni.tap('link', 'End Jo Plover: PIPSS lead')
    await toni.look('ending a role')
    await toni.tap('button', 'End the role')
    await toni.reads('Ended. They no longer have the role.')
    await toni.close()
  },

  'the lead proposes what a program may do, and the auditor approves it': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.tap('link', 'Roles')
    await alex.tap('link', 'Propose what a program may do')
    await alex.look('proposing a program')
    await alex.tap('button', 'Propose')
    await alex.errorIsFocused()
    await alex.look('proposing a program, with errors')
    await alex.type('What is the program called?', 'Incident reports')
    await alex.type('Which sign-in service gives it its tokens?', 'https://sign-in.example.test')
    await alex.type('What does that service call it?', 'incident-reports')
    await alex.choose('What may it do?', 'Ask for support')
    await alex.typeDay('The last day', inDays(60))
    await alex.choose('For which teams?', 'Harbour Stroke Ward')
    await alex.tap('button', 'Propose')
    await alex.reads('Proposed. An auditor decides.')
    await alex.reads('Harbour Stroke Ward')
    await alex.close()

    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight')
    await toni.reads('Incident reports: Integration (a program)')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Approve/ }).first())
    await toni.reads('It may: ask for support. For: Harbour Stroke Ward')
    await toni.tap('button', 'Approve')
    await toni.reads('ask for support')
    await toni.look('what a program may do')
    await toni.close()
  },

  'the auditor refuses a role, and cannot end the last of their kind': async trust => {
    const alex = await api(trust, 'Alex Kestrel')
    await alex.give('grants', { email: 'val.teal@example.test', role: 'governance' })
    const toni = await trust.person('Toni Godwit', { phone: true })
    await toni.go('/oversight')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Refuse/ }).first())
    await toni.tap('button', 'Refuse')
    await toni.reads('Refused. It can be proposed again.')
    await toni.tap('link', 'End Toni Godwit: Auditor')
    await toni.tap('button', 'End the role')
    await toni.errorIsFocused()
    await toni.reads('Nobody else has this role.')
    await toni.look('the last auditor stays')
    await toni.close()
  },

  'where no lead may know of something the auditor names a deputy': async trust => {
    const sam = await api(trust, 'Sam Heron')
    const { teams } = await sam.read('teams')
    const at = new Date(Date.now() - 2 * 86400000).toISOString()
    await sam.give('referrals', {
      team: teams.find(team => team.name === 'Harbour Stroke Ward').team,
      incidents: [{ type: 'assault_physical', occurred: { at }, place: 'inpatient_ward', line: 'Staff were attacked on the night shift.' }],
      affected: { directly: '6-10', indirectly: 'unknown', groups: ['night_staff'] },
      injuries: 'unknown', signs_worsening: 'no', team_aware: 'yes', asked_for: ['petr_debrief'],
      safety: { threat_continuing: 'no', area_safe: 'yes', someone_at_immediate_risk: 'no' },
      not_seen_by: ['Alex Kestrel', 'Charlie Dunnock']
    })
    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight')
    await toni.reads('A deputy is needed')
    await toni.reads('Whoever asked for support asked for it')
    await toni.look('oversight where a deputy is needed')
    await toni.tap('link', 'Name a deputy')
    await toni.look('naming a deputy')
    await toni.type('Their e-mail address at work', 'val.teal@example.test')
    await toni.typeDay('The last day', inDays(30))
    await toni.tap('button', 'Name them')
    await toni.reads('They are a deputy of the lead from now on.')
    await toni.doesNotRead('A deputy is needed')
    await toni.close()
  },

  'a request from outside is written down by one, decided by another, and handed over': async trust => {
    const alex = await trust.person('Alex Kestrel')
    await alex.go('/oversight/disclosures')
    await alex.look('requests from outside, for the lead')
    await alex.tap('link', 'Write down a request')
    await alex.look('writing down a request from outside')
    await alex.tap('button', 'Write it down')
    await alex.errorIsFocused()
    await alex.look('writing down a request from outside, with errors')
    await alex.choose('Who asks?', 'A coroner')
    await alex.choose('On what ground in law?', 'A duty in law')
    await alex.type('What do they want to see?', 'Whether a session was held for the ward in spring.')
    await alex.tap('button', 'Write it down')
    await alex.reads('Written down.')
    await alex.close()

    const toni = await trust.person('Toni Godwit')
    await toni.go('/oversight')
    await toni.reads('1 to decide')
    await toni.tap('link', 'Requests from outside')
    await toni.look('requests from outside, to decide')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Decide/ }).first())
    await toni.look('deciding a request from outside')
    await toni.choose('What may be shown?', 'Which sessions were held')
    await toni.type('Why?', 'It answers the question and names nobody.')
    await toni.choose('Are those concerned told?', 'Those concerned are told')
    await toni.tap('button', 'Record the decision')
    await toni.reads('Which sessions were held')
    await toni.look('requests from outside, decided')
    await toni.tapOn(toni.page.getByRole('link', { name: /^Record the handing over/ }).first())
    await toni.typeDay('When was it handed over?', inDays(400))
    await toni.tap('button', 'Save')
    await toni.errorIsFocused()
    await toni.look('recording the handing over, with an error')
    await toni.close()
  },

  'the administrator sees what a list would change, and nothing is recorded': async trust => {
    const ray = await trust.person('Ray Pipit')
    await ray.tap('link', 'Directory')
    await ray.look('directory')
    await ray.tap('button', 'Show what would change')
    await ray.errorIsFocused()
    await ray.choose('Which list is it?', 'Units and their managers')
    await ray.type('The list', 'code,unit,parent,level,headcount,manager_email,partner\ntide,Tide Ward,nowhere,team,many,,no')
    await ray.tap('button', 'Show what would change')
    await ray.errorIsFocused()
    await ray.reads('Row 2')
    await ray.look('a list with mistakes')
    await ray.choose('Which list is it?', 'Facilitators')
    await ray.type('The list', 'email,name,external,home_unit,trained,sessions_max,granted_until\nash.linnet@example.test,Ash Linnet,no,psychology,petr_debrief:2099-03-31,4,')
    await ray.tap('button', 'Show what would change')
    await ray.reads('tick the box under the list')
    await ray.tapOn(ray.page.getByLabel('Ending more than a fifth is meant'))
    await ray.tap('button', 'Show what would change')
    await ray.reads('What the list would change')
    await ray.reads('Nothing was recorded.')
    await ray.look('what a list would change')
    await ray.close()
  },

  'feedback of enough people is in the report of its quarter': async trust => {
    const alex = await api(trust, 'Alex Kestrel')
    const { sessions } = await alex.read('diary')
    const held = sessions.find(session => session.state === 'held' && session.kind === 'petr_debrief')
    expect(held, 'no session was held')
    const { codes } = await alex.give(`cases/${held.case}/sessions/${held.session}/feedback-codes`, { how_many: 14 })
    for (const [n, code] of codes.entries()) {
      const body = JSON.stringify({
        code, helpful: n % 2 ? 4 : 5, safe_to_speak: 5, know_where_to_get_help: 'yes', timing: n < 12 ? 'right' : 'too_late', would_recommend: 'yes'
      })
      for (;;) {
        const answer = await fetch(`${trust.base}/api/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        if (answer.ok) break
        expect(answer.status === 429, `feedback was refused: ${answer.status} ${await answer.text()}`)
        await new Promise(resolve => setTimeout(resolve, 1000 * Number(answer.headers.get('retry-after'))))
      }
    }
    const now = new Date()
    const next = new Date(Date.UTC(now.getUTCFullYear(), Math.floor(now.getUTCMonth() / 3) * 3 + 3, 10, 12))
    await trust.moveClock(next.toISOString())
    const max = await trust.person('Max Dipper')
    await max.go(`/reports/${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`)
    await max.reads('14 people answered.')
    await max.reads('too few gave the same answer to show')
    await chartsAgreeWithTables(max)
    await max.look('report with feedback')
    await print(max, 'report with feedback on paper')
    await max.close()
  }
}
