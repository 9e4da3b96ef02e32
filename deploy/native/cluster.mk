# The four servers on this machine's loopback, without containers. deploy/README.md tells the rest.
.PHONY: cluster-up cluster-down cluster-status quick-test

cluster-up:
	deploy/native/up.sh

cluster-down:
	deploy/native/down.sh

cluster-status:
	deploy/native/status.sh

# Sells out a goods on the cluster, and checks every number. It has to be up.
quick-test:
	deploy/quick-test -config deploy/conf.yaml
