/**
 * The preload: `node --import @org/tracelog/register app.js`. No exports; importing it is all there is.
 *
 * What runs is dist/register.cjs, which .ci/build.mjs writes: the same, from the bundle, for --import, --require and NODE_OPTIONS.
 */
import { preload } from './app/engine.ts'

preload()
