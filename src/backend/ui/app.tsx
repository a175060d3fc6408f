/**
 * Where the page starts in the browser: bundled with all that it imports into app.js (.ci/build-ui.mjs).
 */
import { options, render } from 'preact'

import { readFirst } from './api.ts'
import { listenToKeys } from './keys.ts'
import { setServices } from './lanes.ts'
import { Shell } from './shell.tsx'
import { followHistory } from './state.ts'
import { showControls } from './text.ts'
import { followTheme } from './theme.ts'
import { VIEWS } from './views.ts'

showControls(options)
followTheme()
followHistory(VIEWS.map(({ path }) => path))
listenToKeys()
setServices(readFirst().services)
const root = document.getElementById('app')
if (root !== null) {
  root.replaceChildren()
  render(<Shell />, root)
}
