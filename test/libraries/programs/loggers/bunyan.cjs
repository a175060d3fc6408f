void require('./bunyan-cases.cjs')(require('bunyan'))
