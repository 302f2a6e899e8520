// Runs the journeys of one file against a running program: node run.mjs BASE FILE PICTURES

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Trust } from './lib.mjs'

const [base, file, pictures] = process.argv.slice(2)
// What journeys may take at most: KEEP_BUDGET=1 writes it down again, to be looked at before it is committed.
const kept = new URL(`budget/${file.replace('.mjs', '.json')}`, import.meta.url)
const budget = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {}
const { journeys } = await import(new URL(file, import.meta.url))
const trust = await Trust.open(base, pictures, budget)
let failed = 0
for (const [name, journey] of Object.entries(journeys)) {
  try {
    await journey(trust)
    console.log(`ok: ${name}`)
  } catch (error) {
    failed += 1
    console.log(`FAILED: ${name}\n${error.stack}`)
  }
}
if (process.env.KEEP_BUDGET) {
  trust.over = []
  writeFileSync(kept, JSON.stringify(Object.fromEntries([...trust.took].sort()), null, 2) + '\n')
}
for (const line of trust.over) console.log(`OVER: ${line}`)
console.log(`${trust.looked.size} pages were looked at, at 320 and 1280 px`)
await trust.close()
process.exit(failed + trust.over.length > 0 ? 1 : 0)
