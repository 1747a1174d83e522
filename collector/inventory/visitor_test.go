package inventory_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
)

// notes is a visitor that writes down what it is shown.
type notes struct {
	seen []string
	err  error
}

func (n *notes) Pod(p *inventory.Pod) error {
	n.seen = append(n.seen, p.Namespace+"/"+p.Name)
	return n.err
}

func (n *notes) End(namespace string, _ *inventory.Gap) error {
	n.seen = append(n.seen, "end of "+namespace)
	return n.err
}

func (n *notes) Restart() { n.seen = nil }

// show is a reading of three pods in two namespaces.
func show(v inventory.Visitor) error {
	for _, p := range []inventory.Pod{
		{Namespace: "a", Name: "1", Phase: inventory.Running},
		{Namespace: "a", Name: "2", Phase: inventory.Pending},
		{Namespace: "b", Name: "3", Phase: inventory.Running},
	} {
		if err := v.Pod(&p); err != nil {
			return err
		}
	}
	return errors.Join(v.End("a", nil), v.End("b", nil))
}

func TestTeeShowsEverythingToAll(t *testing.T) {
	t.Parallel()
	var one, two notes
	tee := inventory.Tee{&one, &two}
	require.NoError(t, show(tee))

	assert.Equal(t, []string{"a/1", "a/2", "b/3", "end of a", "end of b"}, one.seen)
	assert.Equal(t, one.seen, two.seen)

	tee.Restart()
	assert.Empty(t, one.seen)
	assert.Empty(t, two.seen)
}

func TestTeeEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	first, second := notes{err: full}, notes{}

	require.ErrorIs(t, show(inventory.Tee{&first, &second}), full)
	assert.Empty(t, second.seen)
}

func TestFilterShowsWhatIsKept(t *testing.T) {
	t.Parallel()
	running := func(p *inventory.Pod) bool { return p.Phase == inventory.Running }
	onlyA := func(name string) bool { return name == "a" }
	for name, test := range map[string]struct {
		filter inventory.Filter
		want   []string
	}{
		"everything":     {inventory.Filter{}, []string{"a/1", "a/2", "b/3", "end of a", "end of b"}},
		"pods":           {inventory.Filter{Pods: running}, []string{"a/1", "b/3", "end of a", "end of b"}},
		"namespaces":     {inventory.Filter{Namespaces: onlyA}, []string{"a/1", "a/2", "end of a"}},
		"both at a time": {inventory.Filter{Namespaces: onlyA, Pods: running}, []string{"a/1", "end of a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got notes
			test.filter.Visitor = &got
			require.NoError(t, show(test.filter))
			assert.Equal(t, test.want, got.seen)
		})
	}
}
