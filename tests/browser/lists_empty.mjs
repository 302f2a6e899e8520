// Lists in which nothing stands yet.

export const journeys = {
  'a lead of a trust in which nothing was asked for yet finds lists that say so': async trust => {
    const lead = await trust.person('Alex Kestrel')
    for (const [path, words] of [
      ['/queue', 'Nothing waits: every case is closed.'], ['/tasks', 'Nothing waits.'],
      ['/week', 'No session is arranged this week.'], ['/search', 'No cases yet'],
      ['/letters', 'There is none.'], ['/groups', 'No group meets at present.'], ['/teams', 'Harbour Stroke Ward']
    ]) {
      await lead.go(path)
      await lead.reads(words)
      await lead.look(`nothing yet, ${path.slice(1)}`)
    }
    await lead.close()
  },

  'a manager of a team that never asked finds a story that has not begun': async trust => {
    const manager = await trust.person('Robin Wren', { phone: true })
    await manager.go('/teams')
    await manager.tap('link', 'Harbour Stroke Ward')
    await manager.reads('Nothing has been recorded of this team yet.')
    await manager.look('nothing yet, story of a team')
    await manager.close()
  }
}
