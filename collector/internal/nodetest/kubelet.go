//go:build linux

package nodetest

import "context"

// kubeletConfig takes pods as long as there is any room. The kubelet's own port is
// open to all who can reach it: nobody but the API server and the pods can.
const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failCgroupV1: false
failSwapOn: false
containerRuntimeEndpoint: unix://` + runtimeSocket + `
podLogsDir: /var/log/pods
resolvConf: ` + stateDir + `/resolv.conf
evictionHard: {memory.available: 10Mi, nodefs.available: 1%, imagefs.available: 1%}
`

func (n *Node) startKubelet(context.Context) error {
	// The Service names are for nobody here: pods use addresses.
	if _, err := writeState("resolv.conf", []byte("nameserver "+NodeIP+"\n")); err != nil {
		return err
	}
	config, err := writeState("kubelet.yaml", []byte(kubeletConfig))
	if err != nil {
		return err
	}
	return n.keep("kubelet",
		"--config="+config,
		"--kubeconfig="+n.kubeconfig,
		"--root-dir="+stateDir+"/kubelet",
		"--hostname-override="+NodeName,
		"--node-ip="+NodeIP)
}
