import{H as o,u as a}from"./chunk-IFO5BVNP.js";function r({site:p}){return o("h2",{"data-site":p,children:a("tab_gaps")})}export{r as GapsPage};
