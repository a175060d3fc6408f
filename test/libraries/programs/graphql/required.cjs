require('./serve.cjs')(require('graphql'))
