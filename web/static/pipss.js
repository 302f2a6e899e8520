// What pages do better with scripts; without them everything works as well.
import { initAll } from './nhsuk.js'

initAll()

// A code that came in a link stands behind its #, which no server sees; it is not left in the address.
const code = document.getElementById('code')
if (code && location.pathname === '/feedback' && location.hash.length > 1) {
  code.value = decodeURIComponent(location.hash.slice(1))
  history.replaceState(null, '', location.pathname)
}
