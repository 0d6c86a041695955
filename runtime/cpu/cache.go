package cpu

// LastLevelCache is the size in bytes of the largest cache that this processor tells of; 0
// where it tells none.
func LastLevelCache() int { return lastLevelCache() }
