import tangram.nn.*;
import tangram.nn.Module;
import tangram.nn.data.*;
import tangram.nn.model.*;
import tangram.nn.training.*;
import tangram.onnx.*;
import tangram.tensor.*;
Device device = Devices.get(Devices.DEFAULT);
