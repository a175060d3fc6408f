/**
 * dist/export-worker.cjs: the export worker's bundle, from its compiled code where there is some, else as Node loads any file.
 */
import { WORKER_BUNDLE } from '../model/compiled-code.ts'
import { compiledModule } from './compiled-bundle.ts'

type Worker = typeof import('../export/worker/main.ts')

const worker = (compiledModule(__dirname, WORKER_BUNDLE, require) ?? require('./export-worker-main.cjs')) as Worker

export const createSender: Worker['createSender'] = worker.createSender
export const createWriteAhead: Worker['createWriteAhead'] = worker.createWriteAhead
export const keepSync: Worker['keepSync'] = worker.keepSync
