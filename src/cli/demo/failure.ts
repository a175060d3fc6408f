/**
 * `tracelog demo --fail`: good requests, then one that fails; of that one alone the lines below the level are there.
 */
import type { LogSource } from '../../sources/log-source.ts'
import type { BalancerName } from './balancer.ts'
import { PATIENCE_MILLIS, POLL_MILLIS, readAll } from './check-demo.ts'
import type { Performance } from './performance.ts'
import type { Progress } from './progress.ts'
import type { Scene } from './scene.ts'
import type { TrafficAnswer } from './seen.ts'
import { traceOf, verifyFailure, type FailureVerdict } from './verify-failure.ts'

const GOOD_REQUESTS = 20
const GOOD_PATH = '/api/products/8'
/** A guest has no cart: the bug in the demo's API server. */
const FAILING_PATH = '/api/carts/guest-1'

export interface FailureOptions {
  readonly scene: Scene
  readonly progress: Progress
  readonly source: LogSource
  readonly balancer: BalancerName
}

export async function playFailure({ scene, progress, source, balancer }: FailureOptions): Promise<Performance> {
  await progress.step(
    `${GOOD_REQUESTS} requests`,
    () => scene.send(GOOD_REQUESTS, GOOD_PATH),
    () => `GET ${GOOD_PATH}: all is well, and nothing below info leaves`,
  )
  const [failed] = await progress.step(
    'one that fails',
    () => scene.send(1, FAILING_PATH),
    ([answer]) => `GET ${FAILING_PATH}: ${answer?.status}`,
  )
  if (failed === undefined) throw new Error('a request without an answer was not noticed')
  const { problems, recovered, traceId } = await progress.step(
    'recovered lines',
    () => checkFailure(source, { scene, failed, balancer }),
    describe,
  )
  return { problems, counts: { requests: GOOD_REQUESTS + 1, recovered }, traceId }
}

type Checked = FailureVerdict & { readonly traceId: string | undefined }

async function checkFailure(
  source: LogSource,
  {
    scene,
    failed,
    balancer,
  }: { readonly scene: Scene; readonly failed: TrafficAnswer; readonly balancer: BalancerName },
): Promise<Checked> {
  const deadline = performance.now() + PATIENCE_MILLIS
  for (;;) {
    const rows = await readAll(source)
    const traceId = traceOf(failed, rows)
    const tree = traceId === undefined ? undefined : await source.trace(traceId)
    const verdict = verifyFailure({ failed, rows, printed: scene.printed, tree, balancer })
    if (verdict.problems.length === 0 || performance.now() > deadline) return { ...verdict, traceId }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
  }
}

function describe({ problems, recovered }: Checked): string | { readonly failure: string } {
  if (problems.length > 0) return { failure: problems.join('; ') }
  return `${recovered} debug lines of the one that failed, which nobody printed; none of the others`
}
