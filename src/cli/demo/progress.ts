/**
 * What the demo is doing: one line per step, with how long it took.
 */
import { createPaint } from '../colour.ts'
import type { Output } from '../io.ts'

export interface Progress {
  /** Runs one step and writes its name, what came of it, and the seconds it took. A cross stands before what has failed. */
  step<T>(name: string, run: () => Promise<T>, describe?: (result: T) => Description): Promise<T>
}

/** What came of a step, and whether that is a failure though nothing was thrown. */
export type Description = string | { readonly failure: string }

const NAME_WIDTH = 16

/** @param interrupted  what fails once it is aborted fails because of that */
export function createProgress(output: Output, interrupted: AbortSignal): Progress {
  const paint = createPaint(output.colourDepth)
  return {
    async step(name, run, describe = () => '') {
      const started = performance.now()
      const label = name.padEnd(NAME_WIDTH)
      if (output.isTerminal) output.write(`  …  ${label}`)
      const end = (mark: string, text: string): void => {
        const seconds = paint.tone('dim', `${((performance.now() - started) / 1_000).toFixed(1)} s`)
        output.write(`${output.isTerminal ? '\r\x1b[K' : ''}  ${mark}  ${label}  ${text}  ${seconds}\n`)
      }
      try {
        const result = await run()
        const described = describe(result)
        if (typeof described === 'string') end(paint.tone('green', '✓'), described)
        else end(paint.tone('red', '✖'), described.failure)
        return result
      } catch (error) {
        end(paint.tone('red', '✖'), interrupted.aborted ? 'interrupted' : 'failed')
        throw error
      }
    },
  }
}
