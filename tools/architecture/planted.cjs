const configuration = require('../../.dependency-cruiser.cjs');

/** The same rules, looking at nothing but the planted violations. */
module.exports = { ...configuration, options: { ...configuration.options, exclude: { path: '^$' } } };
