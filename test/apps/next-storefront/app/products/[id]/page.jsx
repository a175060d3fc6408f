import { headers } from 'next/headers'

import { log } from '../../log'

export default async function Product({ params }) {
  const { id } = await params
  log('page of product %s', id)
  const response = await fetch(`http://${(await headers()).get('host')}/api/products/${id}`, { cache: 'no-store' })
  const { name, left } = await response.json()
  return (
    <main>
      <h1>{name}</h1>
      <p>{left} left</p>
    </main>
  )
}
