/**
 * dist/engine.cjs, which everything starts with: the engine's bundle, from its compiled code where there is some, else as Node loads any
 * file. The process behaves alike.
 */
import { START_BUNDLE } from '../model/compiled-code.ts'
import { compiledModule } from './compiled-bundle.ts'

type Engine = Pick<typeof import('./engine.ts'), 'preload' | 'start' | 'startForOthers' | 'expectCompiledChunks'>

const compiled = compiledModule(__dirname, START_BUNDLE, require) as Engine | undefined
const engine = compiled ?? (require('./engine-start.cjs') as Engine)
compiled?.expectCompiledChunks()

export const preload: Engine['preload'] = engine.preload
export const start: Engine['start'] = engine.start
export const startForOthers: Engine['startForOthers'] = engine.startForOthers
