export interface Order {
  readonly show: string
  readonly seats: number
}

export const QUEUE = 'orders'

export function parseOrder(text: string): Order {
  const { show, seats } = JSON.parse(text) as Partial<Order>
  if (typeof show !== 'string' || typeof seats !== 'number') throw new TypeError('an order has a show and seats')
  return { show, seats }
}
