// Modules of which only the definitions of their kinds are read.
module landfall.dev/testenv/definitions

go 1.26.8

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
