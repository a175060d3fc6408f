// A pool of connections, with the tables that the API needs, as `app.db`.
const { Pool } = require('pg')

async function database(app) {
  const db = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 })
  await db.query('CREATE TABLE IF NOT EXISTS orders (id integer PRIMARY KEY, customer text, sku text, quantity integer)')
  await db.query(`INSERT INTO orders VALUES (7, 'Ada', 'blanket', 2) ON CONFLICT DO NOTHING`)
  app.decorate('db', db)
  app.addHook('onClose', () => db.end())
}

// No scope of its own: the whole application uses it.
database[Symbol.for('skip-override')] = true
module.exports = database
