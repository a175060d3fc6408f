/**
 * The aggregated file as a destination: one line per record, or one per request.
 */
import { linesOf } from './file-lines.ts'
import { createRotatingFile, type FileConfig } from './rotating-file.ts'
import type { Transport } from './transport.ts'

export function createFileTransport(config: FileConfig): Transport {
  const file = createRotatingFile(config)
  return {
    // Written before it returns: a file has no deadline, and a pipe that is full is waited for 200 ms at most.
    send: (request) => {
      try {
        const { lost, reason } = file.write(linesOf(request.bytes, config))
        request.isReleased = true
        if (lost === 0) return Promise.resolve({ kind: 'delivered' })
        return Promise.resolve({ kind: 'partial', rejected: lost, message: `${config.path} (${reason})` })
      } catch (error) {
        return Promise.resolve({ kind: 'rejected', reason: error instanceof Error ? error.message : String(error) })
      }
    },
    hurry: () => {
      // Nothing waits.
    },
    stop: () => file.stop(),
  }
}
