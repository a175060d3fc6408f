/**
 * A customer's order, as a script that says what it is about: a goal, and subgoals of which the last one is not reached.
 *
 * Goals need code: this is the one program of the demo that knows tracelog, by the package's name as any application would. The shop that
 * it asks knows nothing of it. `node order.js <url>`
 */
import { task, to } from '@org/tracelog'

const [url = 'http://127.0.0.1:8080'] = process.argv.slice(2)
const products = [3, 9]

async function ask(path: string): Promise<void> {
  const response = await fetch(new URL(path, url))
  await response.text()
  if (!response.ok) throw new Error(`the shop said ${response.status}`)
}

try {
  await task('order of %d items', { args: [products.length] }, async (order) => {
    console.log(JSON.stringify({ message: 'order begins', trace_id: order.traceId }))
    for (const id of products) await to('reserve product %d', { args: [id] }, () => ask(`/api/products/${id}`))
    // A guest has no cart: the bug that this demo is about.
    await to('add up the cart', () => ask('/api/carts/guest-2'))
  })
} catch (error) {
  console.log(JSON.stringify({ message: 'no order', reason: (error as Error).message }))
}
