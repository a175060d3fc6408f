/**
 * `tracelog demo --fail`: good requests, then one that fails; of that one alone the lines below the level are there. Then an order, whose
 * goals are a tree from its program through the load balancer into the API server.
 */
import type { LogSource } from '../../sources/log-source.ts'
import { taskTree } from '../../tree/task-tree.ts'
import type { BalancerName } from './balancer.ts'
import { PATIENCE_MILLIS, POLL_MILLIS, readAll } from './check-demo.ts'
import type { Performance } from './performance.ts'
import type { Description, Progress } from './progress.ts'
import type { Scene } from './scene.ts'
import type { TrafficAnswer } from './seen.ts'
import { verifyOrder, type OrderVerdict } from './verify-order.ts'
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
  const order = await progress.step('an order', () => placeOrder({ scene, source }), describeOrder)
  return {
    problems: [...problems, ...order.problems],
    counts: { requests: GOOD_REQUESTS + 1, recovered, goals: order.goals },
    traceId,
    orderId: order.orderId,
  }
}

type PlacedOrder = OrderVerdict & { readonly orderId: string }

/** A program with goals, whose last one is not reached: the same bug, as the customer sees it. */
async function placeOrder({ scene, source }: Pick<FailureOptions, 'scene' | 'source'>): Promise<PlacedOrder> {
  const orderId = await scene.order()
  const deadline = performance.now() + PATIENCE_MILLIS
  for (;;) {
    const trace = await source.trace(orderId)
    const verdict = verifyOrder(trace && taskTree(trace))
    if (verdict.problems.length === 0 || performance.now() > deadline) return { ...verdict, orderId }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
  }
}

function describeOrder({ problems, goals }: OrderVerdict): Description {
  return problems.length > 0 ? { failure: problems.join('; ') } : `${goals} goals, of which the last was not reached`
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

function describe({ problems, recovered }: Checked): Description {
  if (problems.length > 0) return { failure: problems.join('; ') }
  return `${recovered} debug lines of the one that failed, which nobody printed; none of the others`
}
