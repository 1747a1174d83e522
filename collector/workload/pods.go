package workload

import (
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/wire"
)

// podSink decodes pods for a visitor.
type podSink struct {
	inventory.Visitor
	builder *builder
	record  podRecord
}

// PodSink shows the pods that are read to a visitor. Which runtimes the nodes of the
// cluster have and which server names its Jobs is known already: images and workloads are
// told by that.
func PodSink(v inventory.Visitor, keep Keep, of inventory.Cluster) kube.Sink {
	return &podSink{Visitor: v, builder: newBuilder(keep).of(of)}
}

// Object implements kube.Sink.
func (s *podSink) Object(o *wire.Object) error {
	s.record.reset()
	if err := decode(o, &s.record, s.record.decode); err != nil {
		return err
	}
	return s.Pod(s.builder.build(o, &s.record))
}

// decode fills in a record from either encoding.
func decode(o *wire.Object, record any, proto func([]byte) error) error {
	if o.JSON {
		return wire.Unmarshal(o.Bytes, record)
	}
	if err := proto(o.Bytes); err != nil {
		return &wire.Unreadable{Cause: err}
	}
	return nil
}
