const STOCK = process.env.INVENTORY_URL ?? 'http://127.0.0.1:3001'

module.exports = async function orders(app) {
  app.get('/:id', async (request, reply) => {
    const { id } = request.params
    const { rows } = await app.db.query('SELECT * FROM orders WHERE id = $1', [id])
    if (rows.length === 0) {
      request.log.warn({ order: id }, 'no such order')
      return reply.code(404).send({ error: 'no such order' })
    }
    const [order] = rows
    request.log.info({ order: order.id, customer: order.customer }, 'order read')

    const stock = await inStock(order, request.log)
    await app.db.query('UPDATE orders SET quantity = $1 WHERE id = $2', [order.quantity, order.id])
    return { ...order, shippable: stock >= order.quantity }
  })
}

async function inStock({ sku }, log) {
  const response = await fetch(`${STOCK}/stock/${sku}`)
  if (!response.ok) throw new Error(`the inventory answered ${response.status}`)
  const { left } = await response.json()
  log.child({ module: 'stock' }).info('%d of %s left', left, sku)
  return left
}
