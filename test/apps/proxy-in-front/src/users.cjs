const Koa = require('koa')

const NAMES = { 7: 'Ada' }

const app = new Koa()

app.use((ctx) => {
  const name = NAMES[ctx.path.slice(1)]
  ctx.assert(name, 404, 'nobody of that number')
  console.debug('user', { name })
  ctx.body = { name }
})

const server = app.listen(Number(process.env.PORT ?? 3002), '127.0.0.1')
process.once('SIGTERM', () => server.close())
