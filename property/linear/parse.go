package linear

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse returns the model that text names, as a lab does: "counter", "register",
// "lock", "map", "queue" or "stack", the last two with a capacity if they have
// one: "queue 4". A counter begins with 0, a register too.
func Parse(text string) (Model, error) {
	name, argument, bounded := strings.Cut(text, " ")
	capacity := 0
	if bounded {
		n, err := strconv.Atoi(argument)
		if err != nil || n < 1 || name != "queue" && name != "stack" {
			return Model{}, unknownObject(text)
		}
		capacity = n
	}
	switch name {
	case "counter":
		return Counter(0), nil
	case "register":
		return Register("0"), nil
	case "lock":
		return Lock(), nil
	case "map":
		return Map(), nil
	case "queue":
		return Queue(capacity), nil
	case "stack":
		return Stack(capacity), nil
	}
	return Model{}, unknownObject(text)
}

func unknownObject(text string) error {
	return fmt.Errorf("no object is called %.40q: expected counter, register, lock, map, queue or stack, these with a capacity as in \"queue 4\"", text)
}
