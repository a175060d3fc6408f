/**
 * The shop's "database": slow enough that a cache is worth having.
 */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Product {
  readonly id: number
  readonly name: string
  readonly cents: number
}

export interface Cart {
  readonly user: string
  readonly items: readonly Product[]
}

/** How many products there are; their ids begin with 1. */
const PRODUCTS = 24
const NAMES = ['Lamp', 'Chair', 'Desk', 'Shelf', 'Clock', 'Rug']

/** @returns `undefined` for a product that does not exist */
export async function loadProduct(id: number): Promise<Product | undefined> {
  await sleep(4 + (id % 5))
  if (!Number.isInteger(id) || id < 1 || id > PRODUCTS) return undefined
  return { id, name: `${NAMES[id % NAMES.length]} ${id}`, cents: 1_000 + id * 137 }
}

/** @returns `undefined` for a user who has none: a guest, say */
export async function loadCart(user: string): Promise<Cart | undefined> {
  await sleep(3)
  if (user.startsWith('guest')) return undefined
  const first = (await loadProduct(1)) as Product
  return { user, items: [first] }
}

export async function countSales(month: string): Promise<number> {
  await sleep(350)
  return month.length * 1_000
}
