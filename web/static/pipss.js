// What pages do better with scripts; without them everything works as well.
import { initAll } from './nhsuk.js'

initAll()
