package gormorder

// Columns are those that Check looks for, by table.
var Columns = needs.Columns
