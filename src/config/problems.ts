/**
 * How a wrong setting is survived: the problem is kept, the default is used, and whoever reads decides how loud to be.
 *
 * The preload prints each problem as one line and goes on; `start()` and the CLI throw the first.
 */
import { TracelogError } from '../diag/errors.ts'

/** Runs readers of env.ts and keeps what they throw. */
export interface ProblemCollector {
  readonly problems: readonly TracelogError[]
  /** The value read, or `undefined` (that is, the default) when it breaks its rule. */
  attempt<T>(read: () => T): T | undefined
  add(problem: TracelogError): void
}

/** What `read` makes of its settings, when none of them breaks its rule. @throws the first problem */
export function readOrThrow<T>(read: (problems: ProblemCollector) => T): T {
  const collector = createProblemCollector()
  const value = read(collector)
  const [problem] = collector.problems
  if (problem !== undefined) throw problem
  return value
}

export function createProblemCollector(): ProblemCollector {
  const problems: TracelogError[] = []
  return {
    problems,
    add: (problem) => void problems.push(problem),
    attempt(read) {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof TracelogError)) throw error
        problems.push(error)
        return undefined
      }
    },
  }
}
