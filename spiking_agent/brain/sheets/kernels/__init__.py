"""The ticks of brains in sheets, compiled; memory and records are arrays with names."""
