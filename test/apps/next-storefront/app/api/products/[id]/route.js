import { log } from '../../../log'

const WAREHOUSE = process.env.WAREHOUSE_URL ?? 'http://127.0.0.1:3001'

export async function GET(_request, { params }) {
  const { id } = await params
  const response = await fetch(`${WAREHOUSE}/stock/${id}`, { cache: 'no-store' })
  if (!response.ok) return Response.json({ error: 'no such product' }, { status: 404 })
  const { left } = await response.json()
  log('%d of product %s left', left, id)
  return Response.json({ name: `Product ${id}`, left })
}
