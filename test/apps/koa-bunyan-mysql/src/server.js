import Koa from 'koa'

import { books } from './books.js'
import { db, migrate } from './database.js'
import { log } from './log.js'

const app = new Koa()

app.use(async (ctx, next) => {
  const started = Date.now()
  ctx.log = log.child({ component: 'web' })
  await next()
  ctx.log.info({ status: ctx.status, ms: Date.now() - started }, `${ctx.method} ${ctx.path}`)
})

// Errors of handlers become answers, and are told once.
app.use(async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    ctx.log.error({ err: error }, 'request failed')
    ctx.status = error.status ?? 500
    ctx.body = { error: error.message }
  }
})

app.use(books.routes()).use(books.allowedMethods())

await migrate()
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  log.info({ port: server.address().port }, 'open')
})

process.once('SIGTERM', () => {
  server.close()
  db.end()
})
