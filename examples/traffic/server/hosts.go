package main

import "crypto/tls"

// host is one service: where it listens and how.
type host struct {
	name       string
	addresses  []string
	tls        bool
	minTLS     uint16
	plainPorts []string
	// echName is the outer name of Encrypted Client Hello; empty where the host does not speak it.
	echName string
}

var hosts = []host{
	// The old protocol versions and port 80 are offered on purpose: two cases need them.
	{name: "services.leadconnectorhq.com", addresses: []string{"198.51.100.2", "2001:db8:100::2"}, tls: true,
		minTLS: tls.VersionTLS10, plainPorts: []string{"80"}},
	{name: "graph.facebook.com", addresses: []string{"198.51.100.34"}, tls: true},
	{name: "api.twilio.com", addresses: []string{"198.51.100.50"}, tls: true},
	{name: "api.dublin.ie1.twilio.com", addresses: []string{"198.51.100.66"}, tls: true},
	{name: "app.closebot.com", addresses: []string{"198.51.100.82"}, tls: true},
	{name: "api.synthflow.ai", addresses: []string{"198.51.100.98"}, tls: true},
	{name: "api.eu.synthflow.ai", addresses: []string{"198.51.100.114"}, tls: true},
	{name: "api.openai.com", addresses: []string{"203.0.113.2"}, tls: true, echName: "ech.example.net"},
	// The second address is where one workload is sent to in the case of a conflict of location.
	{name: "eu.api.openai.com", addresses: []string{"203.0.113.18", "198.51.100.5"}, tls: true},
	// The outer name is the host itself: on the wire the same as the GREASE that browsers send.
	{name: "api.anthropic.com", addresses: []string{"203.0.113.34"}, tls: true, echName: "api.anthropic.com"},
	{name: "generativelanguage.googleapis.com", addresses: []string{"203.0.113.50"}, tls: true},
	{name: "aiplatform.eu.rep.googleapis.com", addresses: []string{"203.0.113.66"}, tls: true},
	{name: "metrics.trackwell.example", addresses: []string{"203.0.113.98"}, tls: true, plainPorts: []string{"80"}},
	{name: "store.internal.example", addresses: []string{"203.0.113.114"}, plainPorts: []string{"8080"}},
}
