import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'

import { cached, close } from './cache.js'

const STATION = process.env.STATION_URL ?? 'http://127.0.0.1:3001'

const app = new Hono()

app.use(async (c, next) => {
  console.log(`--> ${c.req.method} ${c.req.path}`)
  await next()
  console.log(`<-- ${c.req.method} ${c.req.path} ${c.res.status}`)
})

const weather = new Hono()

weather.get('/:city', async (c) => {
  const city = c.req.param('city')
  const today = await cached(`weather:${city}`, () => measured(city))
  // The second look is answered from memory.
  const again = await cached(`weather:${city}`, () => measured(city))
  return c.json({ city, ...today, isSame: today.degrees === again.degrees })
})

async function measured(city) {
  const response = await fetch(`${STATION}/${city}`)
  if (!response.ok) throw new HTTPException(502, { message: `the station answered ${response.status}` })
  return response.json()
}

app.route('/weather', weather)

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' })

process.once('SIGTERM', () => {
  server.close()
  close()
})
