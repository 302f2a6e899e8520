// An auditor has it proved that no manager can see who asked, without seeing what anyone wrote.

import { expect } from './lib.mjs'

/** Looks again, at most for some minutes, until the page says this. */
async function until (visitor, words) {
  for (let n = 0; n < 150; n += 1) {
    await visitor.go('/oversight/proof')
    if ((await visitor.text()).includes(words)) return
    await visitor.page.waitForTimeout(2000)
  }
  await visitor.reads(words)
}

export const journeys = {
  'an auditor has it proved and is handed a signed result': async trust => {
    const toni = await trust.person('Toni Godwit')
    await toni.tap('link', 'Oversight')
    await toni.tap('link', 'Have it proved that no manager can see who asked')
    await toni.reads('None has been run yet.')
    await toni.look('privacy proof, none yet')
    await toni.tap('button', 'Run the proof')
    await toni.reads('It is running.')
    await toni.look('privacy proof, running')
    await until(toni, 'What was found')
    await toni.reads('4 managers, ')
    await toni.reads(' 0 bytes differ')
    await toni.reads('12 leaks were planted, 12 caught')
    await toni.reads('The last one passed, on ')
    await toni.look('privacy proof, passed')
    const answer = await toni.page.request.get('/oversight/proof/result')
    const { public_key: key, result } = await answer.json()
    expect(result.holds && result.bytes_differ === 0, 'the result says that it holds')
    expect(result.leaks.length === 12 && result.leaks.every(leak => leak.caught), 'every leak was caught')
    await toni.reads(key)
    const html = await toni.page.content() + await answer.text()
    for (const name of ['Robin', 'Wren', 'Stroke', 'Sam', 'example.test']) {
      expect(!html.includes(name), `“${name}” is in what the auditor is shown`)
    }
    await toni.close()
  },

  'whoever asks for themselves reads that it passed, and nothing else of it': async trust => {
    const sam = await trust.person('Sam Heron', { phone: true })
    await sam.go('/my-support')
    await sam.reads('The last privacy proof passed on ')
    await sam.doesNotRead('bytes differ')
    await sam.look('my support, privacy proved')
    const nothing = await sam.go('/oversight/proof')
    expect(nothing.status() === 403, `Sam is answered ${nothing.status()}`)
    await sam.reads('You cannot do this')
    await sam.close()
  }
}
